"""docker image inspect: details of images."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.commands._platform import platform_json
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class ImageInspect(Command):
    """Display detailed information on one or more images"""

    usage = "[OPTIONS] IMAGE [IMAGE...]"

    format: str = _flags.format_of_object()
    platform: str = flag(
        "--platform string",
        "Inspect a specific platform of the multi-platform image.\n"
        "If the image or the server is not multi-platform capable, the command will error out if"
        " the platform does not match.\n"
        "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    )
    images: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each image.

        source: Engine API, ImageInspect.
        """
        query = {"platform": platform_json(engine, self.platform, since="1.49")}
        return inspect(
            self.images, self.format, lambda name: engine.get(path("images", name, "json"), query)
        )
