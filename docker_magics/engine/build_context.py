"""A build context as a tar stream: made while it is sent, never copied to a file.

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
    """What is sent to the builder.

    Attributes:
        folder: the context's root, or None for none.
        dockerfile: the Dockerfile's name inside the context.
        added: files that are sent beside those of the folder, or in their place: name -> content.
        archive: a context that is a tar already, compressed or not: sent as it is.
    """

    folder: Path | None
    dockerfile: str = "Dockerfile"
    added: dict[str, bytes] = field(default_factory=dict)
    archive: bytes = b""

    def pieces(self) -> Iterator[bytes]:
        """The tar's bytes, several small parts in one piece: each piece is a chunk of HTTP.

        Raises:
            UsageError: a file that cannot be read or sent.
        """
        gathered: list[bytes] = []
        size = 0
        for each in self._parts():
            gathered.append(each)
            size += len(each)
            if size >= _PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
        yield b"".join(gathered)

    def _parts(self) -> Iterator[bytes]:
        if self.archive:
            yield self.archive
            return
        for name, content in self.added.items():
            info = tarfile.TarInfo(name)
            info.mode = 0o600
            yield from tarstream.member(info, content, tarfile.GNU_FORMAT)
        if self.folder is not None:
            # A builder that is given a tar looks for these in it.
            for name in self.names(self.folder, {self.dockerfile, _IGNORE_FILE}):
                if name not in self.added:
                    yield from _entry(self.folder / name, name)
        yield tarstream.END

    def names(self, folder: Path, always: Collection[str] = ()) -> Iterator[str]:
        """The files that .dockerignore leaves in, and those that are `always` sent; sorted.

        Raises:
            UsageError: a folder that cannot be read.
        """
        ignore = self._ignore(folder)
        inside = {parent.as_posix() for name in always for parent in PurePosixPath(name).parents}

        def below(path: str, prefix: str) -> Iterator[str]:
            with os.scandir(path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
            for entry in entries:
                name = prefix + entry.name
                left_out = ignore.excludes(name) and name not in always
                if not entry.is_dir(follow_symlinks=False):
                    if not left_out:
                        yield name
                elif not left_out:
                    yield name
                    yield from below(entry.path, f"{name}/")
                elif name in inside or ignore.may_keep_below(name):
                    kept = list(below(entry.path, f"{name}/"))
                    yield from [name, *kept] if kept else []

        try:
            yield from below(str(folder), "")
        except OSError as error:
            raise UsageError(f"cannot send {error.filename}: {error.strerror}") from error

    def _ignore(self, folder: Path) -> dockerignore.Ignore:
        own = folder / f"{self.dockerfile}{_IGNORE_FILE}"
        source = own if own.is_file() else folder / _IGNORE_FILE
        if not source.is_file():
            return dockerignore.Ignore()
        try:
            return dockerignore.parse(source.read_text(encoding="utf-8", errors="replace"))
        except dockerignore.IgnoreError as error:
            raise UsageError(f"error checking context: {source.name}: {error}") from error


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, gzip'd."""
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def sendable(path: Path, name: str) -> os.stat_result | None:
    """A file's state; None for a socket, with which nothing can be done.

    Raises:
        UsageError: a device or pipe, or a file that is not there any more.
    """
    try:
        found = path.lstat()
    except OSError as error:
        raise UsageError(f"cannot send {name}: {error.strerror}") from error
    if stat.S_ISSOCK(found.st_mode):
        return None
    if stat.S_IFMT(found.st_mode) not in {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}:
        hint = "Name it in .dockerignore."
        raise UsageError(f"cannot send {name}: it is a device or pipe", hint=hint)
    return found


def content_of(path: Path, name: str, size: int) -> Iterator[bytes]:
    """A file's content, a piece at a time.

    Raises:
        UsageError: it cannot be read, or is not of that size any more.
    """
    left = size
    try:
        with path.open("rb") as file:
            while left and (data := file.read(min(_CHUNK, left))):
                left -= len(data)
                yield data
            if left or file.read(1):
                raise UsageError(f"cannot send {name}: it changed while it was read")
    except OSError as error:
        raise UsageError(f"cannot send {name}: {error.strerror}") from error


def _entry(path: Path, name: str) -> Iterator[bytes]:
    found = sendable(path, name)
    info = tarstream.info_of(name, found) if found else None
    if info is None:
        return
    info.uid = info.gid = 0
    if info.issym():
        info.linkname = str(path.readlink())
    yield tarstream.header(info, tarfile.GNU_FORMAT)
    if info.isreg():
        yield from content_of(path, name, info.size)
        yield from tarstream.padding(info.size)
