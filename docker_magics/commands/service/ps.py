"""docker service ps: the tasks of services."""

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
        """The tasks of all the services as one Table, with -q a list of IDs.

        Raises:
            EngineError: there is no such service; `result` has the others' tasks.

        source: Engine API, TaskList.
        """
        found, missing = self._identities(engine)
        problem = "\n".join(f"no such service: {name}" for name in missing)
        if not found:
            raise EngineError(problem)
        filters = _flags.filters([*self.filter, *(("service", each) for each in found)])
        if "node" in filters:
            filters["node"] = [node_reference(engine, name) for name in filters["node"]]
        tasks = engine.get("/tasks", {"filters": filters})
        listing = self.listing(engine, tasks)
        if missing:
            raise EngineError(problem, result=listing)
        return listing

    def _identities(self, engine: Engine) -> tuple[list[str], list[str]]:
        """The services' IDs, and the names of those that there are not."""
        by_id, by_name = (
            engine.get("/services", {"filters": {key: self.services}}) for key in ("id", "name")
        )
        known = {each["ID"]: each["ID"] for each in by_id}
        known = {each["Spec"]["Name"]: each["ID"] for each in by_name} | known
        found, missing = [], []
        for name in self.services:
            prefixed = [each["ID"] for each in by_id if each["ID"].startswith(name)]
            if name not in known and len(prefixed) > 1:
                raise EngineError(f"multiple services found with provided prefix: {name}")
            identity = known.get(name) or (prefixed[0] if prefixed else None)
            if identity is None:
                missing.append(name)
            else:
                found.append(identity)
        return found, missing
