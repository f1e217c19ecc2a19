"""COPY and ADD: files of the context, of a stage or of an image, into the image.

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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any

from ...wire import dockerignore, go, tarstream
from ...wire.dockerfile import Instruction
from .. import patterns
from ..errors import ApiError, BadParameter, NotFound
from ..images.compression import decompressed
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..registry.web import fetch
from ..runtime import users
from ..storage.rootfs import Rootfs
from . import checksum

if TYPE_CHECKING:
    from .metadata import Words

_COPY = 1 << 20
FLAGS = frozenset(
    {"from", "chown", "chmod", "exclude", "parents", "link", "checksum", "keep-git-dir"}
)
#: Those that need no value.
SWITCHES = frozenset({"parents", "link", "keep-git-dir"})
_MAGIC = b"ustar"


@dataclass(frozen=True)
class Flags:
    """The flags of a COPY or ADD."""

    source: str = ""
    chown: str = ""
    chmod: int | None = None
    exclude: tuple[str, ...] = ()
    parents: bool = False
    checksum: str = ""


@dataclass
class File:
    """One file or folder that is to be copied.

    Attributes:
        path: where it lies; empty for what came with the request.
        name: what it is called at its target.
        found: what it is.
        place: its path within the context or the image.
    """

    path: str
    name: str
    found: os.stat_result
    place: str
    link: str = ""
    data: bytes | None = None


@dataclass
class Plan:
    """What a COPY or ADD copies.

    Attributes:
        files: in the order of an archive.
        archives: sources that are unpacked.
        target: the folder or file that it goes to.
        into_folder: whether `target` is a folder.
        sources: how many sources there were.
        downloads: how many of them came from the web.
    """

    target: str
    into_folder: bool
    files: list[File] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    sources: int = 0
    downloads: int = 0

    @property
    def digest(self) -> str:
        """A digest of places, content and modes, whatever the times: what the cache goes by."""
        hashed = hashlib.sha256()
        for each in self.files:
            mode, size = each.found.st_mode, each.found.st_size
            is_file = stat.S_ISREG(mode)
            name = each.name if self.into_folder else ""
            head = (each.place, name, mode, size if is_file else 0, each.link)
            hashed.update(repr(head).encode())
            if is_file:
                with _opened(each) as content:
                    _feed(hashed, content)
        for path in self.archives:
            with open(path, "rb") as archive:
                _feed(hashed, archive)
        return hashed.hexdigest()

    @property
    def label(self) -> str:
        """How the history names the sources: `file:...`, `dir:...`, `multi:...`."""
        if self.sources != 1:
            kind = "multi"
        elif self.archives or (len(self.files) == 1 and not stat.S_ISDIR(self.files[0].found.st_mode)):  # fmt: skip  # noqa: E501
            kind = "file"
        else:
            kind = "dir"
        return f"{kind}:{self.digest}"


def flags_of(instruction: Instruction, words: Words) -> Flags:
    """The flags.

    Raises:
        BadParameter: a value that makes no sense.
    """
    found: dict[str, Any] = {}
    exclude: list[str] = []
    for flag in instruction.flags:
        name, equals, value = flag.removeprefix("--").partition("=")
        if name == "from":
            found["source"] = value
            continue
        value = words.one(value)
        if name == "exclude":
            exclude.append(value)
        elif name == "chmod":
            found["chmod"] = _mode(value)
        elif name == "parents":
            found["parents"] = not equals or value == "true"
        elif name in {"chown", "checksum"}:
            found[name] = value
    return Flags(**found, exclude=tuple(exclude))


def _mode(text: str) -> int:
    try:
        mode = go.file_mode(text)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        raise BadParameter(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")  # fmt: skip  # noqa: E501
    return mode


def arguments(instruction: Instruction, words: Words) -> tuple[list[str], str]:
    """Sources and destination."""
    found = [words.one(each) for each in instruction.args]
    found += [f"\0{number}" for number, _ in enumerate(instruction.heredocs)]
    inline = {f"<<{h.name}" for h in instruction.heredocs}
    plain = [each for each in found[: len(instruction.args)] if each.strip("-\"'") not in inline]
    plain = [each for each in plain if not each.startswith("<<")]
    return plain[:-1], plain[-1]


def plan(
    root: Rootfs,
    instruction: Instruction,
    words: Words,
    flags: Flags,
    workdir: str,
) -> Plan:
    """Find what is copied.

    Raises:
        NotFound: a source that there is not.
        BadParameter: arguments that make no sense.
    """
    sources, target = arguments(instruction, words)
    checksum.check(flags.checksum, sources)
    found = Plan(
        posixpath.join("/", workdir or "/", target), target.endswith(("/", "/.")) or target == "."
    )
    for source in sources:
        if source.startswith(("http://", "https://")):
            if instruction.keyword != "ADD":
                raise BadParameter("COPY failed: source can't be a URL for COPY")
            _add_url(found, source, flags.checksum)
        else:
            _add_source(found, root, source, instruction.keyword, flags)
    for heredoc in instruction.heredocs:
        text = words.one(heredoc.text) if heredoc.expands else heredoc.text
        _add_data(found, heredoc.name, text.encode())
    if found.sources > 1 and not target.endswith("/"):
        raise BadParameter(
            f"When using {instruction.keyword} with more than one source file, the destination"
            " must be a directory and end with a /"
        )
    return found


def _is_pattern(source: str) -> bool:
    return any(each in source for each in "*?[")


def _add_url(found: Plan, url: str, expected: str) -> None:
    data, _ = fetch(url, "ADD failed: ")
    checksum.verify(data, expected)
    name = posixpath.basename(url.split("?", maxsplit=1)[0])
    if not name and not found.into_folder:
        name = posixpath.basename(found.target)
    if not name:
        raise BadParameter(f"cannot determine filename for source {url}")
    _add_data(found, name, data, 0o600)
    found.downloads += 1


def _add_data(found: Plan, name: str, data: bytes, mode: int = 0o644) -> None:
    now = int(time.time())
    about = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, 0, 0, len(data), now, now, now))
    found.files.append(File("", name, about, name, data=data))
    found.sources += 1


def _add_source(found: Plan, root: Rootfs, source: str, keyword: str, flags: Flags) -> None:
    matches = _matches(root, source) if _is_pattern(source) else [source]
    if not matches:
        raise NotFound(f"{keyword} failed: no source files were specified")
    for path in matches:
        if posixpath.normpath(path.lstrip("/") or ".").split("/")[0] == "..":
            words = f"forbidden path outside the build context: {source} ()"
            raise BadParameter(f"{keyword} failed: {words}")
        _add_path(found, root, posixpath.normpath(f"/{path}"), source, keyword, flags)


def _matches(root: Rootfs, pattern: str) -> list[str]:
    """The files of a pattern as Go's filepath.Match reads it, a part at a time."""
    found = [""]
    for part in pattern.strip("/").split("/"):
        deeper = []
        for folder in found:
            if not _is_pattern(part):
                path = f"{folder}/{part}"
                deeper += [path] if root.exists(path) else []
                continue
            with contextlib.suppress(OSError):
                names = sorted(_names(root, folder or "/"))
                deeper += [f"{folder}/{each}" for each in names if patterns.matches(part, each)]
        found = deeper
    return found


def _names(root: Rootfs, path: str) -> list[str]:
    fd = root.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return os.listdir(fd)
    finally:
        os.close(fd)


def _add_path(
    found: Plan, root: Rootfs, path: str, source: str, keyword: str, flags: Flags
) -> None:
    try:
        about = root.stat(path)
    except OSError:
        where = "build context" if not flags.source else flags.source
        message = f"{keyword} failed: file not found in {where}"
        if not flags.source:
            message += (
                f" or excluded by .dockerignore: stat {source.strip('/')}: file does not exist"
            )
        else:
            message = f"{keyword} failed: stat {source.strip('/')}: file does not exist"
        raise NotFound(message) from None
    found.sources += 1
    place = root.resolve(path).rstrip("/")
    real = os.fspath(root.path) + place
    if stat.S_ISDIR(about.st_mode):
        found.into_folder = True
        prefix = path.strip("/") + "/" if flags.parents and path != "/" else ""
        found.files += _below(real, prefix, place, flags.exclude)
        return
    if keyword == "ADD" and _is_archive(real):
        found.archives.append(real)
        return
    name = path.strip("/") if flags.parents else posixpath.basename(path)
    if not _excluded(posixpath.basename(path), flags.exclude):
        found.files.append(File(real, name, about, place))


def _below(
    folder: str, prefix: str, place: str, exclude: tuple[str, ...], base: str = ""
) -> Iterator[File]:
    ignore = dockerignore.parse("\n".join(exclude))
    for name in sorted(os.listdir(folder)):
        path = f"{folder}/{name}"
        relative = f"{base}{name}"
        about = os.lstat(path)
        is_folder = stat.S_ISDIR(about.st_mode)
        if not ignore.excludes(relative):
            link = os.readlink(path) if stat.S_ISLNK(about.st_mode) else ""
            yield File(path, f"{prefix}{relative}", about, f"{place}/{name}", link)
        elif not (is_folder and ignore.may_keep_below(relative)):
            continue
        if is_folder:
            yield from _below(path, prefix, f"{place}/{name}", exclude, f"{relative}/")


def _excluded(name: str, exclude: tuple[str, ...]) -> bool:
    return bool(exclude) and dockerignore.parse("\n".join(exclude)).excludes(name)


def _is_archive(path: str) -> bool:
    """Whether ADD unpacks it: a tar archive, compressed or not; nothing else that is compressed."""
    try:
        with open(path, "rb") as file:
            head = _head(decompressed(file))
    except (OSError, BadParameter):
        return False
    return head[257:262] == _MAGIC


def _head(source: Any) -> bytes:
    data = b""
    while len(data) < tarfile.BLOCKSIZE and (piece := source.read(tarfile.BLOCKSIZE - len(data))):
        data += piece
    return data


def carry_out(found: Plan, root: Rootfs, flags: Flags) -> None:
    """Copy into an image's files.

    Raises:
        BadParameter: an owner that there is not, or a folder where a file was meant.
    """
    owner = _owner(flags.chown, root)
    if owner is None and not flags.source:
        owner = (0, 0)
    try:
        _copy(found.files, found, root, owner, flags.chmod)
        _unpack(found, root)
    except (FileExistsError, NotADirectoryError) as error:
        words = os.strerror(error.errno or 0).lower()
        raise ApiError(f"failed to copy files: {found.target}: {words}") from error


def _copy(
    files: list[File], found: Plan, root: Rootfs, owner: tuple[int, int] | None, mode: int | None
) -> None:
    if not files and found.archives:
        return
    is_folder = found.into_folder or _is_folder(root, found.target)
    into = found.target if is_folder else posixpath.dirname(found.target)
    os.close(root.make_dirs(into or "/", *(owner or (0, 0))))
    if not is_folder:
        name = posixpath.basename(found.target)
        files = [replace(each, name=name) for each in files]
    archive = stream_of(_archive(files, owner, mode))
    unpack(archive, root.path, into=root.resolve(into or "/"))


def _unpack(found: Plan, root: Rootfs) -> None:
    """What is in archives keeps its owners; their target is a folder, whatever it is called."""
    for path in found.archives:
        os.close(root.make_dirs(found.target))
        with open(path, "rb") as file:
            unpack(decompressed(file), root.path, into=root.resolve(found.target))


def _is_folder(root: Rootfs, path: str) -> bool:
    try:
        return stat.S_ISDIR(root.stat(path).st_mode)
    except OSError:
        return False


def _owner(text: str, root: Rootfs) -> tuple[int, int] | None:
    if not text:
        return None
    user, _, group = text.partition(":")
    try:
        found = users.resolve(f"{user}:{group or user}", (), root.read_text)
    except users.NoSuchUser as error:
        kind, name = error.kind, error.name
        can_not = f"can't find {kind[0]}id for {kind} {name}: no such {kind}: {name}"
        words = f"unable to convert uid/gid chown string to host mapping: {can_not}"
        raise BadParameter(words) from None
    return found.uid, found.gid


def _archive(files: list[File], owner: tuple[int, int] | None, mode: int | None) -> Iterator[bytes]:
    """The files as they are, or with another owner and mode."""
    for each in files:
        info = tarstream.info_of(each.name or ".", each.found)
        if info is None or info.ischr() or info.isblk():
            continue
        if info.issym():
            info.linkname = each.link
        if owner:
            info.uid, info.gid = owner
        if mode is not None:
            info.mode = mode
        yield tarstream.header(info)
        if info.isreg():
            with _opened(each) as content:
                yield from tarstream.content(content, info.size)
    yield tarstream.END


def _feed(hashed: hashlib._Hash, file: IO[bytes]) -> None:
    while data := file.read(_COPY):
        hashed.update(data)


def _opened(each: File) -> IO[bytes]:
    return open(each.path, "rb") if each.data is None else io.BytesIO(each.data)
