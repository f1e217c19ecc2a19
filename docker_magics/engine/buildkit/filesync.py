"""The DiffCopy call: BuildKit fetches the files of a build context that it does not have yet.

source: moby/buildkit, session/filesync/filesync.proto; tonistiigi/fsutil, send.go, types/*.proto.
"""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from docker_magics.engine.build_context import BuildContext, content_of, sendable
from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.protobuf import Message, ProtobufError, encode
from docker_magics.errors import UsageError

_STAT, _REQUEST, _DATA, _FINISHED = range(4)
_WILD = re.compile(r"[*?\[\\]")
#: Bits of Go's os.FileMode.
_GO_TYPES = {stat.S_IFDIR: 1 << 31, stat.S_IFLNK: 1 << 27, stat.S_IFREG: 0}
_GO_BITS = {stat.S_ISUID: 1 << 23, stat.S_ISGID: 1 << 22, stat.S_ISVTX: 1 << 20}

#: A file's name, and its path or content.
File = tuple[str, Path | bytes]


class DiffCopy:
    """Sends the stat of every file, and the contents that BuildKit requests."""

    def __init__(self, files: Iterable[File]) -> None:
        self._packets = self._stats(files)
        self._requested: deque[int] = deque()
        self._contents: dict[int, tuple[str, Path | bytes, int]] = {}
        self._ending = False
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Handle a request for a file's content, or the final packet."""
        try:
            packet = Message(message)
        except ProtobufError as error:
            raise grpc.CallError(grpc.Status.UNKNOWN, str(error)) from error
        packet_type = packet.one(1, _STAT)
        if packet_type == _REQUEST:
            self._requested.append(packet.one(3, 0))
        elif packet_type == _FINISHED:
            self._ending = True
        else:
            raise grpc.CallError(grpc.Status.UNKNOWN, "BuildKit rejected the build context")

    def end_receiving(self) -> None:
        """Do nothing: the last packet ends the call."""

    def next_message(self) -> bytes | None:
        """Return the next packet."""
        try:
            while (packet := next(self._packets, None)) is None:
                if self._requested:
                    self._packets = self._content(self._requested.popleft())
                elif self._ending and not self.finished:
                    self.finished = True
                    return encode({1: _FINISHED})
                else:
                    return None
        except UsageError as error:
            raise grpc.CallError(grpc.Status.UNKNOWN, error.message) from error
        return packet

    def close(self) -> None:
        """Close the file that is being sent."""
        self._packets.close()

    def _stats(self, files: Iterable[File]) -> Generator[bytes]:
        number = 0
        for name, source in files:
            stat_packet = _stat_packet(name, source)
            if stat_packet is None:
                continue
            size, packet = stat_packet
            if size is not None:
                self._contents[number] = (name, source, size)
            number += 1
            yield packet
        yield encode({1: _STAT})

    def _content(self, number: int) -> Generator[bytes]:
        if number not in self._contents:
            raise UsageError(f"cannot send file {number}: not in the build context")
        name, source, size = self._contents.pop(number)
        pieces = [source] if isinstance(source, bytes) else content_of(source, name, size)
        for piece in pieces:
            yield encode({1: _DATA, 3: number, 4: piece})
        yield encode({1: _DATA, 3: number})


def files_of(context: BuildContext, headers: grpc.Headers) -> Iterator[File]:
    """Yield the files of the folder that a call names: `dockerfile` or `context`."""
    if _values(headers, "dir-name") == ["dockerfile"]:
        yield from _dockerfile(context)
        return
    if context.folder is None:
        return
    patterns = [*_values(headers, "followpaths"), *_values(headers, "include-patterns")]
    paths = [path.strip("/") for path in patterns]
    send_all = not paths or any(_may_match_others(context.folder, path) for path in paths)
    for name in context.names(context.folder):
        if send_all or any(_is_related(name, path) for path in paths):
            yield name, context.folder / name


def _dockerfile(context: BuildContext) -> Iterator[File]:
    *parents, _ = context.dockerfile.split("/")
    for depth in range(len(parents)):
        assert context.folder is not None
        name = "/".join(parents[: depth + 1])
        yield name, context.folder / name
    if context.dockerfile in context.added:
        yield context.dockerfile, context.added[context.dockerfile]
    else:
        assert context.folder is not None
        yield context.dockerfile, context.folder / context.dockerfile


def _values(headers: grpc.Headers, name: str) -> list[str]:
    values = headers.get(name, [])
    return [unquote(value) for value in values] if f"{name}-encoded" in headers else values


def _may_match_others(folder: Path, path: str) -> bool:
    """Whether a path may match other files than its own: by wildcards or symbolic links."""
    if _WILD.search(path) or path in {"", "."}:
        return True
    parts = path.split("/")
    return any((folder / "/".join(parts[: end + 1])).is_symlink() for end in range(len(parts)))


def _is_related(name: str, path: str) -> bool:
    """Whether a file is at a path, below it, or a folder above it."""
    return f"{name}/".startswith(f"{path}/") or f"{path}/".startswith(f"{name}/")


def _stat_packet(name: str, source: Path | bytes) -> tuple[int | None, bytes] | None:
    """Return a file's size (None without content) and its STAT packet; None if it is skipped."""
    if isinstance(source, bytes):
        return len(source), _packet(name, 0o644, len(source), 0)
    state = sendable(source, name)
    if state is None:
        return None
    link = str(source.readlink()) if stat.S_ISLNK(state.st_mode) else ""
    size = state.st_size if stat.S_ISREG(state.st_mode) else None
    return size, _packet(name, _go_mode(state.st_mode), size or 0, state.st_mtime_ns, link)


def _packet(name: str, mode: int, size: int, modified_ns: int, link: str = "") -> bytes:
    modified = modified_ns & (1 << 64) - 1
    state = encode({1: os.fsencode(name), 2: mode, 5: size, 6: modified, 7: os.fsencode(link)})
    return encode({1: _STAT, 2: state})


def _go_mode(mode: int) -> int:
    bits = sum(go for unix, go in _GO_BITS.items() if mode & unix)
    return mode & 0o777 | bits | _GO_TYPES[stat.S_IFMT(mode)]
