"""docker save: write images to an archive."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._files import write_archive
from docker_magics.commands._platform import platform_list, platforms_json
from docker_magics.engine.client import Engine


class ImageSave(Command):
    """Save one or more images to a tar archive (streamed to STDOUT by default)"""

    usage = "[OPTIONS] IMAGE [IMAGE...]"
    aliases = ("save",)

    output: str = flag("-o, --output string", "Write to a file, instead of STDOUT")
    platform: list[str] = platform_list(
        "Save only the given platform(s). Formatted as a comma-separated list of "
        '"os[/arch[/variant]]" (e.g., "linux/amd64,linux/arm64/v8")'
    )
    images: list[str] = operands(1)

    def run(self, engine: Engine) -> None:
        """Write the archive to the file, or to stdout; return None.

        source: Engine API, ImageGetAll.
        """
        query = {"names": self.images, "platform": platforms_json(engine, self.platform)}
        write_archive(
            self.output,
            self.terminal,
            lambda: engine.request("GET", "/images/get", query=query, stream=True),
            "failed to save image",
        )
