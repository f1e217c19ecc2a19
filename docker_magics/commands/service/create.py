"""docker service create: create a service, whose tasks the swarm keeps running."""

from __future__ import annotations

from typing import Any

from docker_magics.engine.client import Engine

from ._converge import wait_for_convergence
from ._create_flags import ServiceCreateFlags
from ._registry import pin, put_tag, registry_headers
from ._spec import service_spec


class ServiceCreate(ServiceCreateFlags):
    """Create a new service"""

    def run(self, engine: Engine) -> Any:
        """Return the new service's ID; without --detach a progress that waits for convergence.

        source: Engine API, ServiceCreate.
        """
        spec = service_spec(self, engine)
        headers = registry_headers(self.image) if self.with_registry_auth else {}
        put_tag(spec)
        warnings = [] if self.no_resolve_image else pin(engine, spec, headers)
        answer = engine.post("/services/create", body=spec, headers=headers)
        for warning in [*(answer.get("Warnings") or []), *warnings]:
            self.terminal.notify(warning)
        return wait_for_convergence(engine, answer["ID"], detach=self.detach, quiet=self.quiet)
