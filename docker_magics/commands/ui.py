"""docker ui: the engine's containers, images, volumes and networks, live, with buttons."""

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
        """The dashboard of all containers, or of those named; without a page the table of `ps -a`.

        source: Engine API, ContainerList, SystemEvents.
        """
        ids = [engine.get(path("containers", name, "json"))["Id"] for name in self.containers]
        only = [("id", each) for each in ids]

        def listing(form: str = "") -> Any:
            flags = {"all": True, "filter": only, "format": form}
            return ContainerLs(**flags).run(engine)  # type: ignore[arg-type]  # as they are typed

        return Panel(engine, ids, listing, lambda: str(listing("table")))
