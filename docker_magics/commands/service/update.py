"""docker service update: change a running service."""

from __future__ import annotations

from typing import Any

from docker_magics.commands._swarm import update_spec
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

from ._changes import change
from ._converge import wait_for_convergence
from ._registry import pin, put_tag, registry_headers
from ._update_flags import ServiceUpdateFlags

#: Flags that do not change the service.
_NO_CHANGE = {"rollback", "detach", "quiet"}


class ServiceUpdate(ServiceUpdateFlags):
    """Update a service"""

    def run(self, engine: Engine) -> Any:
        """Return the service's name; without --detach a progress that waits for convergence.

        source: Engine API, ServiceUpdate.
        """
        service = engine.get(path("services", self.service))
        if self.rollback and self._changes_something():
            raise UsageError("other flags may not be combined with --rollback")
        spec = service["Spec"]
        change(self, spec, engine)
        image = spec["TaskTemplate"]["ContainerSpec"]["Image"]
        headers = registry_headers(image) if self.with_registry_auth else {}
        put_tag(spec)
        resolves = self.image is not None and not self.no_resolve_image
        warnings = pin(engine, spec, headers) if resolves else []
        query = {
            "registryAuthFrom": "" if headers else "spec",
            "rollback": "previous" if self.rollback else "none",
        }
        for warning in [*update_spec(engine, "services", service, query, headers), *warnings]:
            self.terminal.notify(warning)
        return wait_for_convergence(engine, self.service, detach=self.detach, quiet=self.quiet)

    def _changes_something(self) -> bool:
        return any(
            getattr(self, flag.field) not in (None, [], False)
            for flag in self.flags()
            if flag.field not in _NO_CHANGE
        )
