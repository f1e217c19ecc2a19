"""The build context and the Dockerfile that a build's operands name.

source: docker/cli, cli/command/image/build/context.go.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from docker_magics.engine.build_context import BuildContext
from docker_magics.errors import UsageError

#: The magic bytes of gzip, bzip2 and xz.
_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")


def of_folder(path: str, dockerfile: str) -> BuildContext:
    """Return the context of a folder and a Dockerfile, which may lie outside of the folder.

    Raises:
        UsageError: the folder or the Dockerfile does not exist.
    """
    folder = _folder(path)
    file = Path(dockerfile) if dockerfile else folder / "Dockerfile"
    if dockerfile and not file.is_absolute() and not file.exists():
        file = folder / dockerfile  # as in older clients: relative to the context
    if not file.is_file():
        shown = dockerfile or str(file)
        raise UsageError(f"unable to prepare context: no Dockerfile at {shown!r}")
    if file.resolve().is_relative_to(folder.resolve()):
        inside = file.resolve().relative_to(folder.resolve())
        return BuildContext(folder, inside.as_posix())
    return _with_dockerfile(folder, file.read_bytes())


def of_text(path: str | None, dockerfile: bytes, name: str = "") -> BuildContext:
    """Return the context of a Dockerfile's text and a folder (None or `-`: no folder).

    Args:
        path: the folder.
        dockerfile: the text.
        name: of the folder's file that it replaces, which may have a NAME.dockerignore.

    Raises:
        UsageError: the folder does not exist.
    """
    if path is None or path == "-":
        return BuildContext(None, added={"Dockerfile": dockerfile})
    return _with_dockerfile(_folder(path), dockerfile, name)


def of_stdin(content: bytes, dockerfile: str) -> BuildContext:
    """Return the context read from standard input: a tar archive, or a Dockerfile alone.

    Raises:
        UsageError: -f is combined with a Dockerfile on standard input.
    """
    if content.startswith(_COMPRESSED) or tarfile.is_tarfile(io.BytesIO(content)):
        return BuildContext(None, dockerfile or "Dockerfile", archive=content)
    if dockerfile:
        raise UsageError("cannot use -f: standard input is the Dockerfile")
    return of_text(None, content)


def dockerfile_of(context: BuildContext) -> str:
    """Return the text of a context's Dockerfile, "" if it is in an archive."""
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


def _with_dockerfile(folder: Path, dockerfile: bytes, replaced: str = "") -> BuildContext:
    """Add a Dockerfile from outside to the context, and exclude it from COPY.

    The name is a hash of the content, so that identical builds hit the build cache.
    """
    name = f".dockerfile.{hashlib.sha256(dockerfile).hexdigest()[:20]}"
    specific = folder / f"{replaced}.dockerignore"
    ignore = specific if specific.is_file() else folder / ".dockerignore"
    kept = ignore.read_bytes() if ignore.is_file() else b""
    lines = kept + f"\n.dockerignore\n{name}\n".encode()
    added = {name: dockerfile, ".dockerignore": lines}
    return BuildContext(folder, name, added, replaced=replaced)
