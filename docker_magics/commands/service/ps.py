"""docker service ps: list the tasks of services."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import operands
from docker_magics.commands import _flags
from docker_magics.commands._tasks import TaskFlags, node_reference
from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError


class ServicePs(TaskFlags):
    """List the tasks of one or more services"""

    usage = "[OPTIONS] SERVICE [SERVICE...]"

    services: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """Return the tasks of all services as one Table, with -q a list of IDs.

        Raises:
            EngineError: a service does not exist; `result` has the tasks of the others.

        source: Engine API, TaskList.
        """
        identities, missing = self._identities(engine)
        problem = "\n".join(f"no such service: {name}" for name in missing)
        if not identities:
            raise EngineError(problem)
        filters = _flags.filters(
            [*self.filter, *(("service", identity) for identity in identities)]
        )
        if "node" in filters:
            filters["node"] = [node_reference(engine, name) for name in filters["node"]]
        tasks = engine.get("/tasks", {"filters": filters})
        listing = self.listing(engine, tasks)
        if missing:
            raise EngineError(problem, result=listing)
        return listing

    def _identities(self, engine: Engine) -> tuple[list[str], list[str]]:
        """Return the IDs of the services, and the names of those that do not exist."""
        by_id, by_name = (
            engine.get("/services", {"filters": {key: self.services}}) for key in ("id", "name")
        )
        ids = {service["ID"]: service["ID"] for service in by_id}
        ids = {service["Spec"]["Name"]: service["ID"] for service in by_name} | ids
        identities, missing = [], []
        for name in self.services:
            prefixed = [service["ID"] for service in by_id if service["ID"].startswith(name)]
            if name not in ids and len(prefixed) > 1:
                raise EngineError(f"multiple services found with provided prefix: {name}")
            identity = ids.get(name) or (prefixed[0] if prefixed else None)
            if identity is None:
                missing.append(name)
            else:
                identities.append(identity)
        return identities, missing
