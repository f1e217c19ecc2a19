"""docker import: create an image from a tarball."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.commands._platform import chosen_platform
from docker_magics.commands._reference import parse_reference
from docker_magics.commands._session_label import instructions
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import hint
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text

from ._file_upload import FileUpload, of_file, of_input

_URLS = ("http://", "https://")


class ImageImport(Command):
    """Import the contents from a tarball to create a filesystem image"""

    usage = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]"
    aliases = ("import",)

    change: list[str] = flag(
        "-c, --change list", "Apply Dockerfile instruction to the created image"
    )
    message: str = flag("-m, --message string", "Set commit message for imported image")
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    source: str = operand()
    reference: str | None = operand(optional=True)
    ignored: list[str] = operands()

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress; its result is the image's ID.

        source: Engine API, ImageCreate with fromSrc.
        """
        if self.reference:
            parse_reference(self.reference)
        is_url = self.source.startswith(_URLS)
        query: dict[str, Any] = {
            "fromSrc": self.source if is_url else "-",
            "repo": self.reference or "",
            "message": self.message,
            "platform": chosen_platform(self.platform).lower(),
            "changes": [*instructions(engine), *self.change],
        }
        archive = None if is_url else self._archive()

        def send() -> StreamedResponse:
            response = engine.request(
                "POST", "/images/create", query=query, data=archive, stream=True
            )
            return StreamedResponse(response)

        return LayersProgress(
            f"Importing {self.source}",
            send,
            lambda lines: Text(lines[-1] if lines else ""),
            outgoing=archive,
            interrupted="The import was cancelled.",
            hint=hint,
        )

    def _archive(self) -> FileUpload:
        if self.source != "-":
            return of_file(self.source)
        if not self.terminal.has_input:
            raise UsageError("cannot import: no standard input", hint="Name a file or a URL.")
        return of_input(self.terminal)
