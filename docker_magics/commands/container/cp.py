"""docker cp: copy files and folders between a container and this machine.

source: docker/cli, cli/command/container/cp.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, UsageError
from docker_magics.results.human import size
from docker_magics.results.text import Data

from ._archive import (
    Place,
    Stat,
    content_size,
    extraction_target,
    joined,
    local_source,
    local_target,
    pack,
    renamed,
    split,
    stat_in,
)
from ._extract import unpack

_CHUNK = 1024 * 1024


class ContainerCp(Command):
    """Copy files/folders between a container and the local filesystem

    Use '-' as the source to read a tar archive from stdin
    and extract it to a directory destination in a container.
    Use '-' as the destination to stream a tar archive of a
    container source to stdout.
    """

    usage = (
        "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
        "\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH"
    )
    aliases = ("cp",)

    archive: bool = flag("-a, --archive", "Archive mode (copy all uid/gid information)")
    follow_link: bool = flag("-L, --follow-link", "Always follow symlinks in SRC_PATH")
    quiet: bool = flag(
        "-q, --quiet",
        "Suppress progress output during copy. Progress output is automatically suppressed if no"
        " terminal is attached",
    )
    source: str = operand()
    destination: str = operand()

    def run(self, engine: Engine) -> Data | None:
        """Copy the files; return None, or the archive if the destination is `-`.

        source: Engine API, ContainerArchive, PutContainerArchive.
        """
        if not self.source or not self.destination:
            raise UsageError(f"{'destination' if self.source else 'source'} can not be empty")
        source, source_path = _split_operand(self.source)
        target, target_path = _split_operand(self.destination)
        if source and target:
            raise UsageError("copying between containers is not supported")
        if source:
            return self._out(engine, source, source_path, target_path)
        if target:
            try:
                self._into(engine, target, source_path, target_path)
            except EngineError as error:
                error.hint = error.hint if target_path else f"Write {target}:/ for its root folder."
                raise
            return None
        raise UsageError("must specify at least one container source")

    def _out(self, engine: Engine, container: str, source: str, target: str) -> Data | None:
        local = local_target(target) if target != "-" else None
        source, name = (
            self._followed(engine, container, source) if self.follow_link else (source, "")
        )
        url = path("containers", container, "archive")
        with engine.request("GET", url, query={"path": source}, stream=True) as response:
            if local is None:
                return Data(b"".join(response.pieces()))
            stat = Stat.of(response.headers)
            base = split(source)[1]
            folder, new = extraction_target(
                Place(source, is_folder=stat.is_folder, name=name), local
            )
            archive = _Counted(response.pieces())
            new = new if new is not None else name or None
            refusals = unpack(archive, folder, lambda entry: renamed(entry, base, new))
        if refusals:
            raise UsageError("\n".join(refusals), hint="All other files were copied.")
        content = archive.count if stat.is_folder else stat.size
        self._report(content, archive.count, local.path)
        return None

    def _followed(self, engine: Engine, container: str, source: str) -> tuple[str, str]:
        """Return the target of a link in the container, and the name to keep."""
        stat = stat_in(engine, container, source)
        if not stat.is_link:
            return source, ""
        folder, base = split(source)
        return joined(folder, stat.link_target), base

    def _into(self, engine: Engine, container: str, source: str, target: str) -> None:
        place = self._place_in(engine, container, target)
        if source == "-":
            if not place.is_folder:
                raise UsageError(f'destination "{container}:{target}" must be a directory')
            folder, archive = place.path, iter(lambda: self.terminal.stdin.read(_CHUNK), b"")
            self._send(engine, container, folder, archive)
            return
        local = local_source(source, follow=self.follow_link)
        folder, new = extraction_target(local, place)
        name = new or local.name or split(local.path)[1]
        counted = _Counted(pack(local, name))
        try:
            self._send(engine, container, folder, iter(lambda: counted.read(_CHUNK), b""))
        except OSError as error:
            raise UsageError(f"{error.filename}: {str(error.strerror).lower()}") from error
        self._report(content_size(local), counted.count, f"{container}:{place.path}")

    def _place_in(self, engine: Engine, container: str, target: str) -> Place:
        """Return the destination in the container; a link is followed."""
        try:
            stat = stat_in(engine, container, target)
            if stat.is_link:
                target = joined(split(target)[0], stat.link_target)
                stat = stat_in(engine, container, target)
        except EngineError:
            return Place(target, exists=False)  # the upload reports the error
        if stat.problem:
            message = f'destination "{container}:{target}" must be a directory or a regular file'
            raise UsageError(f"{message}: {stat.problem}")
        return Place(target, is_folder=stat.is_folder)

    def _send(self, engine: Engine, container: str, folder: str, archive: Iterator[bytes]) -> None:
        query = {
            "path": folder,
            "noOverwriteDirNonDir": "true",
            "copyUIDGID": "true" if self.archive else "",
        }
        headers = {"Content-Type": "application/x-tar"}
        url = path("containers", container, "archive")
        engine.request("PUT", url, query=query, data=archive, headers=headers)

    def _report(self, content: int, transferred: int, target: str) -> None:
        """Show the bytes of the files, and those of the archive if they differ."""
        if self.quiet or not self.terminal.shows_progress:
            return
        archive = "" if content == transferred else f" (transferred {size(transferred)})"
        self.terminal.notify(f"Successfully copied {size(content)}{archive} to {target}")


def _split_operand(text: str) -> tuple[str, str]:
    """Split `CONTAINER:PATH`; the container of a local path is "".

    A local path with a colon must begin with `/` or `.`.
    """
    container, colon, rest = text.partition(":")
    if not colon or text.startswith(("/", ".")):
        return "", text
    return container, rest


class _Counted:
    """A file interface for an iterator of bytes, which counts them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""
        self.count = 0

    def read(self, length: int) -> bytes:
        """Read up to `length` bytes, fewer only at the end."""
        parts = [self._left]
        have = len(self._left)
        while have < length and (piece := next(self._pieces, b"")):
            parts.append(piece)
            have += len(piece)
            self.count += len(piece)
        data = b"".join(parts)
        self._left = data[length:]
        return data[:length]
