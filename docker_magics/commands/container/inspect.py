"""docker container inspect: details of containers."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class ContainerInspect(Command):
    """Display detailed information on one or more containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"

    format: str = _flags.format_of_object()
    size: bool = flag("-s, --size", "Display total file sizes")
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each container.

        source: Engine API, ContainerInspect.
        """
        query = {"size": self.size}
        return inspect(
            self.containers,
            self.format,
            lambda name: engine.get(path("containers", name, "json"), query),
        )
