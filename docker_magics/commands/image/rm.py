"""docker rmi: remove images."""

from __future__ import annotations

from itertools import chain

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import collect
from docker_magics.commands._platform import platform_json
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound
from docker_magics.results.text import Lines


class ImageRm(Command):
    """Remove one or more images"""

    usage = "[OPTIONS] IMAGE [IMAGE...]"
    aliases = ("image remove", "rmi")

    force: bool = flag("-f, --force", "Force removal of the image")
    no_prune: bool = flag("--no-prune", "Do not delete untagged parents")
    platform: list[str] = flag(
        "--platform strings",
        'Remove only the given platform variant. Formatted as "os[/arch[/variant]]"'
        ' (e.g., "linux/amd64")',
    )
    images: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the lines `Untagged: ...` and `Deleted: ...`, in the engine's order.

        source: Engine API, ImageDelete.
        """
        query = {
            "force": self.force,
            "noprune": self.no_prune,
            "platforms": [
                platform_json(engine, platform, since="1.50") for platform in self.platform
            ],
        }

        def remove(name: str) -> list[str]:
            try:
                removed = engine.delete(path("images", name), query) or []
            except NotFound as error:
                if not self.force:
                    raise
                self.terminal.notify(error.message)
                return []
            return [f"{action}: {image}" for entry in removed for action, image in entry.items()]

        return collect(self.images, remove, lambda lines: Lines(chain.from_iterable(lines)))
