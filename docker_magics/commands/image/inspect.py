"""docker image inspect: all that the engine knows of images."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class ImageInspect(Command):
    """Display detailed information on one or more images"""

    usage = "[OPTIONS] IMAGE [IMAGE...]"

    format: str = _flags.format_of_object()
    images: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """A dict for each image.

        source: Engine API, ImageInspect.
        """
        return inspect(
            self.images, self.format, lambda name: engine.get(path("images", name, "json"))
        )
