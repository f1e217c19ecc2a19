"""Which context and Dockerfile a build's operands name.

source: docker/cli, cli/command/image/build/context.go.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from docker_magics.engine.build_context import BuildContext
from docker_magics.errors import UsageError

#: How gzip, bzip2 and xz begin.
_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")


def of_folder(path: str, dockerfile: str) -> BuildContext:
    """A folder with the Dockerfile of that name, which may lie outside of it.

    Raises:
        UsageError: one of the two is not there.
    """
    folder = _folder(path)
    file = Path(dockerfile) if dockerfile else folder / "Dockerfile"
    if dockerfile and not file.is_absolute() and not file.exists():
        file = folder / dockerfile  # as older clients had it: relative to the context
    if not file.is_file():
        shown = dockerfile or str(file)
        raise UsageError(f"unable to prepare context: no Dockerfile at {shown!r}")
    if file.resolve().is_relative_to(folder.resolve()):
        inside = file.resolve().relative_to(folder.resolve())
        return BuildContext(folder, inside.as_posix())
    return _beside(folder, file.read_bytes())


def of_text(path: str | None, dockerfile: bytes) -> BuildContext:
    """A folder, or nothing (`-`, None), with a Dockerfile that is in no file of it.

    Raises:
        UsageError: there is no such folder.
    """
    if path is None or path == "-":
        return BuildContext(None, added={"Dockerfile": dockerfile})
    return _beside(_folder(path), dockerfile)


def of_stdin(content: bytes, dockerfile: str) -> BuildContext:
    """An archive, which is the context; or the Dockerfile alone."""
    if content.startswith(_COMPRESSED) or tarfile.is_tarfile(io.BytesIO(content)):
        return BuildContext(None, dockerfile or "Dockerfile", archive=content)
    if dockerfile:
        raise UsageError("-f has no place where the Dockerfile is read from standard input")
    return of_text(None, content)


def dockerfile_of(context: BuildContext) -> str:
    """The text of a context's Dockerfile, empty where it is inside of an archive."""
    if context.archive:
        return ""
    if context.dockerfile in context.added:
        content = context.added[context.dockerfile]
    else:
        assert context.folder is not None
        content = (context.folder / context.dockerfile).read_bytes()
    return content.decode(errors="replace")


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not name or not folder.exists():
        raise UsageError(f'unable to prepare context: path "{name}" not found')
    if not folder.is_dir():
        message = f"context must be a directory: {folder.absolute()}"
        raise UsageError(f"unable to prepare context: {message}")
    return folder


def _beside(folder: Path, dockerfile: bytes) -> BuildContext:
    """A Dockerfile that is not in the context is sent beside it, and kept out of COPY.

    Its name comes from its content, so that the same build is found in the cache.
    """
    name = f".dockerfile.{hashlib.sha256(dockerfile).hexdigest()[:20]}"
    ignore = folder / ".dockerignore"
    kept = ignore.read_bytes() if ignore.is_file() else b""
    lines = kept + f"\n.dockerignore\n{name}\n".encode()
    return BuildContext(folder, name, {name: dockerfile, ".dockerignore": lines})
