"""docker volume inspect: details of volumes."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class VolumeInspect(Command):
    """Display detailed information on one or more volumes"""

    usage = "[OPTIONS] VOLUME [VOLUME...]"

    format: str = _flags.format_of_object()
    volumes: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each volume.

        source: Engine API, VolumeInspect.
        """
        return inspect(self.volumes, self.format, lambda name: engine.get(path("volumes", name)))
