"""The plan of a COPY or ADD: files, their names at the target, and a digest for the cache.

Planning changes nothing; `copy_apply.py` copies.

source: Dockerfile reference, "COPY", "ADD"; moby builder/dockerfile/copy.go.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import posixpath
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from ...wire import dockerignore
from ...wire.dockerfile import Instruction
from ...wire.tarstream import Readable
from .. import patterns
from ..dockerfile.variables import Variables
from ..errors import BadParameter, NotFound
from ..images.compression import decompressed
from ..registry.web import Download
from ..storage.rootfs import Rootfs
from . import checksum
from .copy_flags import CopyFlags
from .copy_sources import CopiedFile, DataSource, Source, TreeSource

_CHUNK = 1 << 20
_TAR_MAGIC = b"ustar"
_URL = ("http://", "https://")

#: Downloads a URL; raises ApiError. The file lasts until it is copied.
Fetch = Callable[[str], Download]


@dataclass
class CopyPlan:
    """The files of a COPY or ADD, and their target.

    Attributes:
        root: the context or image.
        target: the folder or file that it is copied to.
        into_folder: whether the target is a folder.
        sources: of the files.
        archives: the paths of archives that ADD unpacks.
        downloads: how many of the sources are downloads.
    """

    root: Rootfs
    target: str
    into_folder: bool
    sources: list[Source] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    downloads: int = 0

    def files(self) -> Iterator[CopiedFile]:
        """Yield the files, in the order of an archive."""
        for source in self.sources:
            yield from source.files()

    @property
    def digest(self) -> str:
        """A digest of paths, content and modes, but not of times, in hexadecimal."""
        hashed = hashlib.sha256()
        for file in self.files():
            mode, size = file.status.st_mode, file.status.st_size
            is_regular = stat.S_ISREG(mode)
            name = file.name if self.into_folder else ""
            head = (file.origin, name, mode, size if is_regular else 0, file.link)
            hashed.update(repr(head).encode())
            if is_regular:
                with file.open() as content:
                    _feed(hashed, content)
        for path in self.archives:
            with self.root.open_file(path) as archive:
                _feed(hashed, archive)
        return hashed.hexdigest()

    @property
    def label(self) -> str:
        """The sources as histories show them: `file:DIGEST`, `dir:DIGEST` or `multi:DIGEST`."""
        if len(self.sources) + len(self.archives) != 1:
            kind = "multi"
        elif self.archives or not self.sources[0].is_folder:
            kind = "file"
        else:
            kind = "dir"
        return f"{kind}:{self.digest}"


def _feed(hashed: hashlib._Hash, file: IO[bytes]) -> None:
    while data := file.read(_CHUNK):
        hashed.update(data)


def plan_copy(
    root: Rootfs,
    instruction: Instruction,
    variables: Variables,
    flags: CopyFlags,
    workdir: str,
    fetch: Fetch,
) -> CopyPlan:
    """Find the files that a COPY or ADD copies.

    Args:
        root: the context, or the files of `--from`.
        instruction: the COPY or ADD.
        variables: its variables.
        flags: its flags.
        workdir: a relative target is below it.
        fetch: downloads the URLs of ADD.

    Raises:
        NotFound: a source does not exist.
        BadParameter: an invalid argument.
    """
    sources, target = _sources_and_target(instruction, variables)
    checksum.check_checksum(flags.checksum, sources)
    is_folder = target.endswith(("/", "/.")) or target == "."
    plan = CopyPlan(root, posixpath.join("/", workdir, target), is_folder)
    planner = _Planner(root, instruction.keyword, flags, plan)
    for source in sources:
        if not source.startswith(_URL):
            planner.add_source(source)
        elif instruction.keyword == "ADD":
            planner.add_download(source, fetch(source))
        else:
            raise BadParameter("COPY failed: source can't be a URL for COPY")
    for heredoc in instruction.heredocs:
        text = variables.expand(heredoc.text) if heredoc.expands else heredoc.text
        planner.add_heredoc(heredoc.name, text.encode())
    if len(plan.sources) + len(plan.archives) > 1 and not target.endswith("/"):
        raise BadParameter(
            f"When using {instruction.keyword} with more than one source file, the destination"
            " must be a directory and end with a /"
        )
    return plan


def _sources_and_target(instruction: Instruction, variables: Variables) -> tuple[list[str], str]:
    """Return the sources without here-documents, and the target."""
    args = [variables.expand(arg) for arg in instruction.args]
    if instruction.heredocs:
        args = [arg for arg in args if not arg.startswith("<<")]
    return args[:-1], args[-1]


class _Planner:
    """Adds sources to a plan."""

    def __init__(self, root: Rootfs, keyword: str, flags: CopyFlags, plan: CopyPlan) -> None:
        self._root = root
        self._keyword = keyword
        self._flags = flags
        self._exclude = _parse_patterns(flags.exclude)
        self.plan = plan

    def add_heredoc(self, name: str, data: bytes) -> None:
        """Add a file whose content is in memory."""
        source = DataSource(name, len(data), 0o644, functools.partial(io.BytesIO, data))
        self.plan.sources.append(source)

    def add_download(self, url: str, download: Download) -> None:
        """Add a download, named by the last part of its URL."""
        checksum.verify(download.digest, self._flags.checksum)
        name = posixpath.basename(url.split("?", maxsplit=1)[0])
        if not name and not self.plan.into_folder:
            name = posixpath.basename(self.plan.target)
        if not name:
            raise BadParameter(f"cannot determine filename for source {url}")
        self.plan.sources.append(DataSource(name, download.size, 0o600, download.open))
        self.plan.downloads += 1

    def add_source(self, source: str) -> None:
        """Add a file or folder, or those that match a pattern."""
        paths = _matches(self._root, source) if _is_pattern(source) else [source]
        if not paths:
            raise NotFound(f"{self._keyword} failed: no source files were specified")
        for path in paths:
            if posixpath.normpath(path.lstrip("/") or ".").split("/")[0] == "..":
                raise BadParameter(
                    f"{self._keyword} failed: forbidden path outside the build context: {source} ()"
                )
            self._add_path(posixpath.normpath(f"/{path}"), source)

    def _add_path(self, path: str, source: str) -> None:
        try:
            status = self._root.stat(path)
        except OSError:
            raise self._not_found(source) from None
        origin = self._root.resolve(path).rstrip("/")
        if stat.S_ISDIR(status.st_mode):
            self.plan.into_folder = True
            prefix = path.strip("/") + "/" if self._flags.parents and path != "/" else ""
            self._add_tree(origin, prefix, is_folder=True)
        elif self._keyword == "ADD" and _is_archive(self._root, origin):
            self.plan.archives.append(origin)
        elif not self._exclude.excludes(posixpath.basename(path)):
            name = path.strip("/") if self._flags.parents else posixpath.basename(path)
            self._add_tree(origin, name, is_folder=False)

    def _add_tree(self, origin: str, name: str, *, is_folder: bool) -> None:
        self.plan.sources.append(
            TreeSource(self._root, origin, name, is_folder=is_folder, exclude=self._exclude)
        )

    def _not_found(self, source: str) -> NotFound:
        place = f"stat {source.strip('/')}: file does not exist"
        if not self._flags.source:
            place = f"file not found in build context or excluded by .dockerignore: {place}"
        return NotFound(f"{self._keyword} failed: {place}")


def _parse_patterns(patterns: Iterable[str]) -> dockerignore.Ignore:
    try:
        return dockerignore.parse("\n".join(patterns))
    except dockerignore.IgnoreError as error:
        raise BadParameter(str(error)) from error


def _is_pattern(text: str) -> bool:
    return any(char in text for char in "*?[")


def _matches(root: Rootfs, pattern: str) -> list[str]:
    """Return the paths that match a pattern of Go's filepath.Match, part by part."""
    paths = [""]
    for part in pattern.strip("/").split("/"):
        paths = [path for folder in paths for path in _matches_in(root, folder, part)]
    return paths


def _matches_in(root: Rootfs, folder: str, part: str) -> Iterator[str]:
    if not _is_pattern(part):
        if root.exists(path := f"{folder}/{part}"):
            yield path
        return
    with contextlib.suppress(OSError):
        for name in sorted(_names(root, folder or "/")):
            if patterns.matches(part, name):
                yield f"{folder}/{name}"


def _names(root: Rootfs, path: str) -> list[str]:
    fd = root.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return os.listdir(fd)
    finally:
        os.close(fd)


def _is_archive(root: Rootfs, path: str) -> bool:
    """Whether ADD unpacks a file: a tar archive, compressed or not."""
    try:
        with root.open_file(path) as file:
            header = _first_block(decompressed(file))
    except (OSError, BadParameter):
        return False
    return header[257:262] == _TAR_MAGIC


def _first_block(source: Readable) -> bytes:
    data = b""
    while len(data) < tarfile.BLOCKSIZE and (piece := source.read(tarfile.BLOCKSIZE - len(data))):
        data += piece
    return data
