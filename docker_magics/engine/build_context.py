"""Build contexts, streamed as tar archives without a temporary file.

source: docker/cli, cli/command/image/build/context.go; the ustar and GNU tar formats (tarfile).
"""

from __future__ import annotations

import os
import stat
import tarfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from docker_magics.errors import UsageError
from docker_magics.wire import dockerignore, tarstream

_CHUNK = 1024 * 1024
_PIECE = 64 * 1024
_IGNORE_FILE = ".dockerignore"


@dataclass(frozen=True)
class BuildContext:
    """The files that a build may use.

    Attributes:
        folder: the context's root, or None.
        dockerfile: the Dockerfile's name inside the context.
        added: files that are added to the folder or replace its files: name -> content.
        archive: a context that is a tar already, compressed or not; sent unchanged.
        replaced: the Dockerfile of the folder that the added one replaces, "" for none.
    """

    folder: Path | None
    dockerfile: str = "Dockerfile"
    added: dict[str, bytes] = field(default_factory=dict)
    archive: bytes = b""
    replaced: str = ""

    def pieces(self) -> Iterator[bytes]:
        """Yield the tar archive in pieces of at least 64 KiB, as each becomes one HTTP chunk.

        Raises:
            UsageError: a file cannot be read or sent.
        """
        parts: list[bytes] = []
        size = 0
        for part in self._parts():
            parts.append(part)
            size += len(part)
            if size >= _PIECE:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join(parts)

    def _parts(self) -> Iterator[bytes]:
        if self.archive:
            yield self.archive
            return
        for name, content in self.added.items():
            info = tarfile.TarInfo(name)
            info.mode = 0o600
            yield from tarstream.member(info, content, tarfile.GNU_FORMAT)
        if self.folder is not None:
            # The builder reads these from the tar, even if .dockerignore excludes them.
            for name in self.names(self.folder, {self.dockerfile, _IGNORE_FILE}):
                if name not in self.added:
                    yield from _entry(self.folder / name, name)
        yield tarstream.END

    def names(self, folder: Path, always: Collection[str] = ()) -> Iterator[str]:
        """Yield the files that .dockerignore does not exclude, and those of `always`; sorted.

        Raises:
            UsageError: a folder cannot be read.
        """
        ignore = self._ignore(folder)
        inside = {parent.as_posix() for name in always for parent in PurePosixPath(name).parents}

        def below(path: str, prefix: str) -> Iterator[str]:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            for entry in entries:
                name = prefix + entry.name
                excluded = ignore.excludes(name) and name not in always
                if not entry.is_dir(follow_symlinks=False):
                    if not excluded:
                        yield name
                elif not excluded:
                    yield name
                    yield from below(entry.path, f"{name}/")
                elif name in inside or ignore.may_keep_below(name):
                    names = list(below(entry.path, f"{name}/"))
                    yield from [name, *names] if names else []

        try:
            yield from below(str(folder), "")
        except OSError as error:
            raise UsageError(f"cannot send {error.filename}: {error.strerror}") from error

    def _ignore(self, folder: Path) -> dockerignore.Ignore:
        specific = folder / f"{self.replaced or self.dockerfile}{_IGNORE_FILE}"
        source = specific if specific.is_file() else folder / _IGNORE_FILE
        if not source.is_file():
            return dockerignore.Ignore()
        try:
            return dockerignore.parse(source.read_text(encoding="utf-8", errors="replace"))
        except dockerignore.IgnoreError as error:
            raise UsageError(f"error checking context: {source.name}: {error}") from error


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a stream compressed by gzip."""
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def sendable(path: Path, name: str) -> os.stat_result | None:
    """Return a file's stat; None for a socket, which is skipped.

    Raises:
        UsageError: the file is a device or pipe, or does not exist any more.
    """
    try:
        state = path.lstat()
    except OSError as error:
        raise UsageError(f"cannot send {name}: {error.strerror}") from error
    if stat.S_ISSOCK(state.st_mode):
        return None
    if stat.S_IFMT(state.st_mode) not in {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}:
        hint = "Exclude it in .dockerignore."
        raise UsageError(
            f"cannot send {name}: not a regular file, folder or symbolic link", hint=hint
        )
    return state


def content_of(path: Path, name: str, size: int) -> Iterator[bytes]:
    """Yield a file's content.

    Raises:
        UsageError: the file cannot be read, or its size has changed.
    """
    remaining = size
    try:
        with path.open("rb") as file:
            while remaining and (data := file.read(min(_CHUNK, remaining))):
                remaining -= len(data)
                yield data
            if remaining or file.read(1):
                raise UsageError(f"cannot send {name}: the file changed while it was read")
    except OSError as error:
        raise UsageError(f"cannot send {name}: {error.strerror}") from error


def _entry(path: Path, name: str) -> Iterator[bytes]:
    state = sendable(path, name)
    info = tarstream.info_of(name, state) if state else None
    if info is None:
        return
    info.uid = info.gid = 0
    if info.issym():
        info.linkname = str(path.readlink())
    yield tarstream.header(info, tarfile.GNU_FORMAT)
    if info.isreg():
        yield from content_of(path, name, info.size)
        yield from tarstream.padding(info.size)
