"""docker init: write a Dockerfile, .dockerignore and compose.yaml for the project of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._files import cannot_write
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines
from docker_magics.starter.detect import detect

_KINDS = "Go, Java, Node, Python, or an index.html"


class Init(Command):
    """Write a Dockerfile, .dockerignore and compose.yaml for a project"""

    usage = "[OPTIONS] [FOLDER]"
    long = (
        "The folder's files say what the project is: Go, Java (Maven, Gradle), Node, Python, or a\n"
        "static site. The same folder always results in the same files. Files that exist are kept."
    )

    force: bool = flag("-f, --force", "Replace files that exist")
    folder: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Lines:  # noqa: ARG002 - the engine is not used
        """Return what was recognized, what was done with each file, and how to start the project.

        Raises:
            UsageError: the folder does not exist, its project is unknown, or a file cannot be
                written.
        """
        folder = Path(self.folder or ".").expanduser()
        if not folder.is_dir():
            raise UsageError(f"cannot initialize {self.folder}: not a folder")
        project = detect(folder)
        if project is None:
            raise UsageError(
                f"cannot initialize {folder.absolute()}: expected a project in {_KINDS}",
                hint="Change to the project's folder, or write a Dockerfile by hand.",
            )
        listens = f", listens on port {project.port}" if project.port else ""
        done = [self._write(folder / name, text) for name, text in project.files().items()]
        start = f"cd {self.folder}; " if self.folder else ""
        up = f"Start it with: {start}docker compose up --build"
        at = f", then open http://localhost:{project.local_port}" if project.port else ""
        return Lines([f"Recognized {project.kind}{listens}", *done, up + at])

    def _write(self, path: Path, text: str) -> str:
        """Write a file unless it exists; return what was done."""
        exists = os.path.lexists(path)
        if exists and not self.force:
            return f"Kept {path.name}: it exists; --force replaces it"
        with cannot_write(str(path)):
            path.write_text(text, encoding="utf-8")
        return f"{'Replaced' if exists else 'Wrote'} {path.name}"
