"""A project in a folder, and the starter files for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_COMMON_IGNORES = (
    "# Files that the image does not need, or must not contain.",
    *(".git", ".gitignore", ".dockerignore", "Dockerfile*", "compose*.y*ml", "docker-compose*"),
    *(".env", ".env.*", "*.pem", "*.key", ".DS_Store", ".idea", ".vscode"),
)
#: The port of this machine for a port of the container that only root may open here.
_UNPRIVILEGED = {80: 8080, 443: 8443}


@dataclass(frozen=True)
class Project:
    """A recognized project.

    Attributes:
        kind: what it is, for people: `Python 3.12 (FastAPI)`.
        dockerfile: the lines of its Dockerfile.
        ignores: patterns of .dockerignore, in addition to those of every project.
        port: the TCP port that it listens on, or None.
    """

    kind: str
    dockerfile: Sequence[str]
    ignores: Sequence[str] = ()
    port: int | None = None

    def files(self) -> dict[str, str]:
        """Return the starter files: name -> content."""
        return {
            "Dockerfile": _text(self.dockerfile),
            ".dockerignore": _text([*_COMMON_IGNORES, *self.ignores]),
            "compose.yaml": _text(self._compose()),
        }

    def _compose(self) -> list[str]:
        lines = ["services:", "  app:", "    build: ."]
        if self.port is None:
            return lines
        return [*lines, "    ports:", f'      - "{self.local_port}:{self.port}"']

    @property
    def local_port(self) -> int | None:
        """The port of this machine at which Compose publishes the project's port."""
        return _UNPRIVILEGED.get(self.port, self.port) if self.port else None


def command(*arguments: str) -> str:
    """Return a CMD instruction in the exec form."""
    return f"CMD {json.dumps(arguments, ensure_ascii=False)}"


def exposed(port: int | None) -> list[str]:
    """Return the EXPOSE instruction of a port, if there is one."""
    return [f"EXPOSE {port}"] if port else []


def read(path: Path) -> str:
    """Return a file's text, "" if it does not exist."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def first_number(pattern: str, paths: Iterable[Path]) -> int | None:
    """Return the number that the pattern's first group finds in the files, or None."""
    for path in paths:
        if match := re.search(pattern, read(path)):
            return int(match[1])
    return None


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
