"""Copying files to and from containers as tar archives.

source: Engine API, ContainerArchive, PutContainerArchive; moby/go-archive, copy.go.
"""

from __future__ import annotations

import base64
import json
import os
import tarfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

#: Bits of Go's os.FileMode, the engine's encoding of modes.
_DIRECTORY, _SYMLINK, _DEVICE, _IRREGULAR = 1 << 31, 1 << 27, 1 << 26, 1 << 19
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """The source or the destination of a copy.

    Attributes:
        path: an absolute path; a trailing `/` or `/.` is kept, as it is significant.
        exists: whether the path exists.
        is_folder: whether the path is a folder.
        name: the name in the archive, if it differs from the path's last part.
    """

    path: str
    exists: bool = True
    is_folder: bool = False
    name: str = ""

    @property
    def asserts_folder(self) -> bool:
        """Whether the path must be a folder, because of a trailing `/` or `/.`."""
        return self.path.endswith("/") or _ends_in_dot(self.path)


def _ends_in_dot(name: str) -> bool:
    return os.path.basename(name.rstrip("/")) == "."  # noqa: PTH119 - Path drops the dot


def split(name: str) -> tuple[str, str]:
    """Split a path into folder and last part; a trailing `/.` counts as a part."""
    clean = os.path.normpath(name) + ("/." if _ends_in_dot(name) else "")
    folder, base = os.path.split(clean)
    return folder or ".", base or "/"


def joined(folder: str, name: str) -> str:
    """Return the absolute target of a link in a folder."""
    return name if name.startswith("/") else os.path.normpath(os.path.join(folder, name))  # noqa: PTH118


@dataclass(frozen=True)
class Stat:
    """The engine's stat of a path in a container."""

    mode: int
    link_target: str
    size: int

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Stat:
        """Parse the header of a response; names are in lower case."""
        stat = json.loads(base64.b64decode(headers["x-docker-container-path-stat"]))
        return cls(stat["mode"], stat.get("linkTarget", ""), stat.get("size", 0))

    @property
    def is_folder(self) -> bool:
        """Whether the path is a folder, not a link to one."""
        return bool(self.mode & _DIRECTORY)

    @property
    def is_link(self) -> bool:
        """Whether the path is a symbolic link."""
        return bool(self.mode & _SYMLINK)

    @property
    def problem(self) -> str:
        """The reason why the path is not writable, or ""."""
        if self.mode & _DEVICE:
            return "got a device"
        return "got an irregular file" if self.mode & _IRREGULAR else ""


def content_size(source: Place) -> int:
    """Return the bytes of a local file, or of all files in a folder."""
    if not source.is_folder:
        return Path(source.path).lstat().st_size
    files = (Path(folder, name) for folder, _, names in os.walk(source.path) for name in names)
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


def stat_in(engine: Engine, container: str, name: str) -> Stat:
    """Return the stat of a path in a container.

    Raises:
        NotFound: the path or the container does not exist.
    """
    url = path("containers", container, "archive")
    return Stat.of(engine.request("HEAD", url, query={"path": name}).headers)


def extraction_target(source: Place, target: Place) -> tuple[str, str | None]:
    """Return the folder to extract into, and the new name (None: unchanged).

    Raises:
        UsageError: source and target are incompatible: a folder onto a file.
    """
    folder, base = split(target.path)
    if target.exists and target.is_folder:
        return target.path, None
    if target.exists and source.is_folder:
        raise UsageError("cannot copy directory")
    if not target.exists and not source.is_folder and target.asserts_folder:
        raise UsageError("no such directory")
    return folder, base


def renamed(name: str, old: str, new: str | None) -> str:
    """Return an archive entry's name after renaming the copied file or folder to `new`."""
    return name if new is None else name.replace("" if old == "/" else old, new, 1)


def pack(source: Place, name: str) -> Iterator[bytes]:
    """Yield the archive of a local file or folder, named `name` in it, while it is read.

    Raises:
        OSError: something cannot be read.
    """
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with os.fdopen(writing, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as tar:
                tar.add(source.path, arcname=name)
        except BrokenPipeError:
            return  # the engine wants no more, and says why
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            failed.append(error)

    thread = threading.Thread(target=write, daemon=True, name="docker-magics-pack")
    thread.start()
    with os.fdopen(reading, "rb") as pipe:
        while data := pipe.read(_CHUNK):
            yield data
    thread.join()
    if failed:
        raise failed[0]


def local_target(name: str) -> Place:
    """Return a destination on this machine; links are followed.

    Raises:
        UsageError: the parent folder does not exist, or the path is a device.
    """
    absolute = _absolute(name)
    parent = Path(os.path.normpath(absolute)).parent
    if not parent.exists():
        message = f'invalid output path: directory "{parent}" does not exist'
        raise UsageError(message)
    target = Path(absolute)
    if target.is_char_device() or target.is_block_device():
        message = f'invalid output path: "{absolute}" must be a directory or a regular file'
        raise UsageError(f"{message}: got a device")
    if target.is_symlink():
        absolute = str(target.resolve())
    return Place(absolute, exists=target.exists(), is_folder=target.is_dir())


def local_source(name: str, *, follow: bool) -> Place:
    """Return a source on this machine.

    Raises:
        UsageError: the file does not exist.
    """
    absolute = _absolute(name)
    if not os.path.lexists(absolute):
        raise UsageError(f"lstat {absolute}: no such file or directory")
    source = Place(absolute, is_folder=Path(absolute).is_dir())
    if follow and Path(absolute).is_symlink():
        return replace(source, path=str(Path(absolute).resolve()), name=split(absolute)[1])
    if Path(absolute).is_symlink() and not source.asserts_folder:
        return replace(source, is_folder=False)
    return source


def _absolute(name: str) -> str:
    """Return the absolute path, with its trailing `/` or `/.`."""
    absolute = os.path.abspath(name)  # noqa: PTH100 - links stay
    if _ends_in_dot(name):
        return f"{absolute}/."
    return f"{absolute}/" if name.endswith("/") and absolute != "/" else absolute
