"""docker load: load images from an archive."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.commands._platform import platform_list, platforms_json
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import hint
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Lines

from ._file_upload import FileUpload, of_file, of_input


class ImageLoad(Command):
    """Load an image from a tar archive or STDIN"""

    usage = "[OPTIONS]"
    aliases = ("load",)

    input: str = flag("-i, --input string", "Read from tar archive file, instead of STDIN")
    platform: list[str] = platform_list(
        "Load only the given platform(s). Formatted as a comma-separated list of "
        '"os[/arch[/variant]]" (e.g., "linux/amd64,linux/arm64/v8").'
    )
    quiet: bool = flag("-q, --quiet", "Suppress the load output")

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the lines `Loaded image: ...`.

        source: Engine API, ImageLoad.
        """
        archive = self._archive()
        query = {
            "quiet": self.quiet or not self.terminal.shows_progress,
            "platform": platforms_json(engine, self.platform),
        }

        def send() -> StreamedResponse:
            response = engine.request(
                "POST",
                "/images/load",
                query=query,
                data=archive,
                headers={"Content-Type": "application/x-tar"},
                stream=True,
            )
            return StreamedResponse(response)

        return LayersProgress(
            f"Loading {self.input or 'the archive'}",
            send,
            lambda lines: Lines([line for line in lines if line.startswith("Loaded ")]),
            outgoing=archive,
            quiet=self.quiet,
            interrupted="The load was cancelled.",
            hint=hint,
        )

    def _archive(self) -> FileUpload:
        if self.input:
            return of_file(self.input)
        if self.terminal.has_input:
            return of_input(self.terminal)
        raise UsageError("requested load from stdin, but stdin is empty", hint="Use -i FILE.")
