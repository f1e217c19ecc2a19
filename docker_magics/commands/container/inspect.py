"""docker container inspect: details of containers."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.compose.of_container import compose_of
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class ContainerInspect(Command):
    """Display detailed information on one or more containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"

    compose: bool = flag("--compose", "Print the containers as a Compose file", hidden=True)
    format: str = _flags.format_of_object()
    size: bool = flag("-s, --size", "Display total file sizes")
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each container; with --compose a Compose file of them.

        source: Engine API, ContainerInspect.
        """
        if self.compose:
            return Text(compose_of(_with_image(engine, name) for name in self.containers))
        query = {"size": self.size}
        return inspect(
            self.containers,
            self.format,
            lambda name: engine.get(path("containers", name, "json"), query),
        )


def _with_image(engine: Engine, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    container = engine.get(path("containers", name, "json"))
    try:
        return container, engine.get(path("images", container["Image"], "json"))
    except NotFound:
        return container, {}  # removed with --force
