"""docker ui: the dashboard of containers, images, volumes and networks."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, operands
from docker_magics.commands.container.ls import ContainerLs
from docker_magics.engine.client import Engine, path
from docker_magics.results.live import Panel


class Ui(Command):
    """Show containers live, with buttons for what can be done with them"""

    usage = "[CONTAINER...]"

    containers: list[str] = operands()

    def run(self, engine: Engine) -> Panel:
        """Return the dashboard of all or the named containers; without a front end, `ps -a`.

        source: Engine API, ContainerList, SystemEvents.
        """
        ids = [engine.get(path("containers", name, "json"))["Id"] for name in self.containers]
        filters = [("id", identity) for identity in ids]

        def listing(form: str = "") -> Any:
            flags = {"all": True, "filter": filters, "format": form}
            return ContainerLs(**flags).run(engine)  # type: ignore[arg-type]  # the types are right

        return Panel(engine, ids, listing, lambda: str(listing("table")))
