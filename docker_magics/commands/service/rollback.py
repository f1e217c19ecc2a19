"""docker service rollback: revert a service's last update."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._swarm import update_spec
from docker_magics.engine.client import Engine, path

from ._converge import wait_for_convergence
from ._flags import DETACH, QUIET
from ._registry import put_tag


class ServiceRollback(Command):
    """Revert changes to a service's configuration"""

    usage = "[OPTIONS] SERVICE"

    detach: bool = flag("-d, --detach", DETACH)
    quiet: bool = flag("-q, --quiet", QUIET)
    service: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the service's name; without --detach a progress that waits for convergence.

        source: Engine API, ServiceUpdate.
        """
        service = engine.get(path("services", self.service))
        put_tag(service["Spec"])
        for warning in update_spec(engine, "services", service, {"rollback": "previous"}):
            self.terminal.notify(warning)
        return wait_for_convergence(engine, self.service, detach=self.detach, quiet=self.quiet)
