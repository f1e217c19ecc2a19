"""docker load: images from an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from docker_magics.cli.command import Command, flag
from docker_magics.commands._platform import one_platform, platform_json
from docker_magics.engine.client import Engine
from docker_magics.engine.problems import hint
from docker_magics.engine.streamed import Streamed
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Lines

_CHUNK = 1024 * 1024


class ImageLoad(Command):
    """Load an image from a tar archive or STDIN"""

    usage = "[OPTIONS]"
    aliases = ("load",)

    input: str = flag("-i, --input string", "Read from tar archive file, instead of STDIN")
    platform: str = one_platform("Load only the given platform variant")
    quiet: bool = flag("-q, --quiet", "Suppress the load output")

    def run(self, engine: Engine) -> LayersProgress:
        """The layers' progress; its result is the lines `Loaded image: ...`.

        source: Engine API, ImageLoad.
        """
        source = self._source()
        query = {"quiet": self.quiet, "platform": platform_json(engine, self.platform)}

        def send() -> Streamed:
            response = engine.request(
                "POST",
                "/images/load",
                query=query,
                data=pieces(source),
                headers={"Content-Type": "application/x-tar"},
                stream=True,
            )
            return Streamed(response)

        return LayersProgress(
            f"Loading {self.input or 'the archive'}",
            send,
            lambda lines: Lines([line for line in lines if line.startswith("Loaded ")]),
            quiet=self.quiet,
            interrupted="The load was cancelled.",
            hint=hint,
        )

    def _source(self) -> Callable[[], BinaryIO]:
        if self.input:
            return opener(self.input)
        if self.terminal.has_input:
            return lambda: self.terminal.stdin
        raise UsageError("requested load from stdin, but stdin is empty", hint="Use -i FILE.")


def opener(name: str) -> Callable[[], BinaryIO]:
    """Opens a file that is there.

    Raises:
        UsageError: it is not, or is no file.
    """
    file = Path(name)
    if not file.exists():
        raise UsageError(f"open {name}: no such file or directory")
    if file.is_dir():
        raise UsageError(f"open {name}: is a directory")
    return lambda: file.open("rb")


def pieces(source: Callable[[], BinaryIO]) -> Iterator[bytes]:
    """A file's content, a chunk at a time."""
    with source() as file:
        while data := file.read(_CHUNK):
            yield data
