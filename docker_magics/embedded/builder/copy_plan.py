"""The plan of a COPY or ADD: files, their names at the target, and a digest for the cache.

Planning changes nothing; `copy_apply.py` copies.

source: Dockerfile reference, "COPY", "ADD"; moby builder/dockerfile/copy.go.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import posixpath
import stat
import tarfile
import time
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
from ..storage.rootfs import Rootfs
from . import checksum
from .copy_flags import CopyFlags

_CHUNK = 1 << 20
_TAR_MAGIC = b"ustar"
_URL = ("http://", "https://")

#: Downloads a URL; raises ApiError.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class CopiedFile:
    """One file or folder that is copied.

    Attributes:
        name: its path below the target.
        status: its type, mode, owner, size and times.
        origin: its path in the context or image, which is a part of the digest.
        path: its path on the host; empty if `data` is its content.
        link: the target of a symbolic link.
        data: its content if it is not on the disk: a here-document or a download.
    """

    name: str
    status: os.stat_result
    origin: str
    path: str = ""
    link: str = ""
    data: bytes | None = None

    def open(self) -> IO[bytes]:
        """Open its content."""
        return open(self.path, "rb") if self.data is None else io.BytesIO(self.data)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)


@dataclass
class CopyPlan:
    """The files of a COPY or ADD, and their target.

    Attributes:
        target: the folder or file that it is copied to.
        into_folder: whether the target is a folder.
        files: in the order of an archive.
        archives: the paths of archives that ADD unpacks.
        sources: how many sources there are.
        downloads: how many of them are downloads.
    """

    target: str
    into_folder: bool
    files: list[CopiedFile] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    sources: int = 0
    downloads: int = 0

    @property
    def digest(self) -> str:
        """A digest of paths, content and modes, but not of times, in hexadecimal."""
        hashed = hashlib.sha256()
        for file in self.files:
            mode, size = file.status.st_mode, file.status.st_size
            is_regular = stat.S_ISREG(mode)
            name = file.name if self.into_folder else ""
            head = (file.origin, name, mode, size if is_regular else 0, file.link)
            hashed.update(repr(head).encode())
            if is_regular:
                with file.open() as content:
                    _feed(hashed, content)
        for path in self.archives:
            with open(path, "rb") as archive:
                _feed(hashed, archive)
        return hashed.hexdigest()

    @property
    def label(self) -> str:
        """The sources as histories show them: `file:DIGEST`, `dir:DIGEST` or `multi:DIGEST`."""
        if self.sources != 1:
            kind = "multi"
        elif self.archives or (len(self.files) == 1 and not self.files[0].is_folder):
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
    planner = _Planner(
        root, instruction.keyword, flags, CopyPlan(posixpath.join("/", workdir, target), is_folder)
    )
    for source in sources:
        if not source.startswith(_URL):
            planner.add_source(source)
        elif instruction.keyword == "ADD":
            planner.add_download(source, fetch(source))
        else:
            raise BadParameter("COPY failed: source can't be a URL for COPY")
    for heredoc in instruction.heredocs:
        text = variables.expand(heredoc.text) if heredoc.expands else heredoc.text
        planner.add_data(heredoc.name, text.encode())
    if planner.plan.sources > 1 and not target.endswith("/"):
        raise BadParameter(
            f"When using {instruction.keyword} with more than one source file, the destination"
            " must be a directory and end with a /"
        )
    return planner.plan


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

    def add_data(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Add a file whose content is in memory."""
        now = int(time.time())
        fields = (stat.S_IFREG | mode, 0, 0, 1, 0, 0, len(data), now, now, now)
        self.plan.files.append(CopiedFile(name, os.stat_result(fields), name, data=data))
        self.plan.sources += 1

    def add_download(self, url: str, data: bytes) -> None:
        """Add a download, named by the last part of its URL."""
        checksum.verify(data, self._flags.checksum)
        name = posixpath.basename(url.split("?", maxsplit=1)[0])
        if not name and not self.plan.into_folder:
            name = posixpath.basename(self.plan.target)
        if not name:
            raise BadParameter(f"cannot determine filename for source {url}")
        self.add_data(name, data, 0o600)
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
        self.plan.sources += 1
        origin = self._root.resolve(path).rstrip("/")
        host_path = os.fspath(self._root.path) + origin
        if stat.S_ISDIR(status.st_mode):
            self.plan.into_folder = True
            prefix = path.strip("/") + "/" if self._flags.parents and path != "/" else ""
            self.plan.files += self._content(host_path, prefix, origin)
        elif self._keyword == "ADD" and stat.S_ISREG(status.st_mode) and _is_archive(host_path):
            self.plan.archives.append(host_path)
        elif not self._exclude.excludes(posixpath.basename(path)):
            name = path.strip("/") if self._flags.parents else posixpath.basename(path)
            self.plan.files.append(CopiedFile(name, status, origin, host_path))

    def _not_found(self, source: str) -> NotFound:
        place = f"stat {source.strip('/')}: file does not exist"
        if not self._flags.source:
            place = f"file not found in build context or excluded by .dockerignore: {place}"
        return NotFound(f"{self._keyword} failed: {place}")

    def _content(
        self, folder: str, prefix: str, origin: str, parent: str = ""
    ) -> Iterator[CopiedFile]:
        """Yield what is below a folder; links are not followed.

        Args:
            folder: its path on the host.
            prefix: comes before the names.
            origin: its path in the context or image.
            parent: its path below the source, with a slash at the end.
        """
        for name in sorted(os.listdir(folder)):
            path, relative = f"{folder}/{name}", f"{parent}{name}"
            status = os.lstat(path)
            is_folder = stat.S_ISDIR(status.st_mode)
            if not self._exclude.excludes(relative):
                link = os.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
                yield CopiedFile(f"{prefix}{relative}", status, f"{origin}/{name}", path, link)
            elif not (is_folder and self._exclude.may_keep_below(relative)):
                continue
            if is_folder:
                yield from self._content(path, prefix, f"{origin}/{name}", f"{relative}/")


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


def _is_archive(path: str) -> bool:
    """Whether ADD unpacks a file: a tar archive, compressed or not."""
    try:
        with open(path, "rb") as file:
            header = _first_block(decompressed(file))
    except (OSError, BadParameter):
        return False
    return header[257:262] == _TAR_MAGIC


def _first_block(source: Readable) -> bytes:
    data = b""
    while len(data) < tarfile.BLOCKSIZE and (piece := source.read(tarfile.BLOCKSIZE - len(data))):
        data += piece
    return data
