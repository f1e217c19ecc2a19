"""Files in and out of containers, as tar archives.

source: Engine API, ContainerArchive, PutContainerArchive; moby/go-archive, copy.go.
"""

from __future__ import annotations

import base64
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

#: Bits of Go's os.FileMode, which the engine tells modes in.
_DIRECTORY, _SYMLINK, _DEVICE, _IRREGULAR = 1 << 31, 1 << 27, 1 << 26, 1 << 19
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Where something is copied from or to.

    Attributes:
        path: absolute; a `/` or `/.` at its end is kept, for they mean something.
        exists: whether something is there.
        is_folder: whether that is a folder.
        name: what it is called in the archive, where that is not the path's last part.
    """

    path: str
    exists: bool = True
    is_folder: bool = False
    name: str = ""

    @property
    def asserts_folder(self) -> bool:
        """Whether the path is written as only a folder's is."""
        return self.path.endswith("/") or _is_current(self.path)


def _is_current(name: str) -> bool:
    return os.path.basename(name.rstrip("/")) == "."  # noqa: PTH119 - Path drops the dot


def split(name: str) -> tuple[str, str]:
    """A path's folder and last part; `/.` at its end is a part."""
    clean = os.path.normpath(name) + ("/." if _is_current(name) else "")
    folder, base = os.path.split(clean)
    return folder or ".", base or "/"


def joined(folder: str, name: str) -> str:
    """The target of a link that stands in a folder."""
    return name if name.startswith("/") else os.path.normpath(os.path.join(folder, name))  # noqa: PTH118


@dataclass(frozen=True)
class Stat:
    """What the engine knows of a path in a container."""

    mode: int
    link_target: str

    @classmethod
    def of(cls, headers: Any) -> Stat:
        """From an answer's headers."""
        found = json.loads(base64.b64decode(headers["X-Docker-Container-Path-Stat"]))
        return cls(found["mode"], found.get("linkTarget", ""))

    @property
    def is_folder(self) -> bool:
        """A folder, and no link to one."""
        return bool(self.mode & _DIRECTORY)

    @property
    def is_link(self) -> bool:
        """A symbolic link."""
        return bool(self.mode & _SYMLINK)

    @property
    def fault(self) -> str:
        """Why nothing can be written there; nothing where it can."""
        if self.mode & _DEVICE:
            return "got a device"
        return "got an irregular file" if self.mode & _IRREGULAR else ""


def stat_in(engine: Engine, container: str, name: str) -> Stat:
    """What is at a path in a container.

    Raises:
        NotFound: nothing, or no such container.
    """
    url = path("containers", container, "archive")
    return Stat.of(engine.request("HEAD", url, query={"path": name}).headers)


def arrangement(source: Place, target: Place) -> tuple[str, str | None]:
    """The folder to extract in, and what the copied thing is called there (None: as it is).

    Raises:
        UsageError: the one cannot become the other.
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
    """An entry's name, with what is copied called `new`."""
    return name if new is None else name.replace("" if old == "/" else old, new, 1)


def pack(source: Place, name: str) -> Iterator[bytes]:
    """The archive of a file or folder here, called `name` in it, as it is read.

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


def place_here(name: str) -> Place:
    """A destination on this machine; links are followed.

    Raises:
        UsageError: there is no such folder, or what is there is no file.
    """
    absolute = _absolute(name)
    parent = Path(os.path.normpath(absolute)).parent
    if not parent.exists():
        message = f'invalid output path: directory "{parent}" does not exist'
        raise UsageError(message)
    found = Path(absolute)
    if found.is_char_device() or found.is_block_device():
        message = f'invalid output path: "{absolute}" must be a directory or a regular file'
        raise UsageError(f"{message}: got a device")
    if found.is_symlink():
        absolute = str(found.resolve())
    return Place(absolute, exists=found.exists(), is_folder=found.is_dir())


def source_here(name: str, *, follow: bool) -> Place:
    """What is copied from this machine.

    Raises:
        UsageError: there is no such file.
    """
    absolute = _absolute(name)
    if not os.path.lexists(absolute):
        raise UsageError(f"lstat {absolute}: no such file or directory")
    place = Place(absolute, is_folder=Path(absolute).is_dir())
    if follow and Path(absolute).is_symlink():
        return replace(place, path=str(Path(absolute).resolve()), name=split(absolute)[1])
    if Path(absolute).is_symlink() and not place.asserts_folder:
        return replace(place, is_folder=False)
    return place


def _absolute(name: str) -> str:
    """The path from the root, with the `/` or `/.` at its end."""
    absolute = os.path.abspath(name)  # noqa: PTH100 - links stay
    if _is_current(name):
        return f"{absolute}/."
    return f"{absolute}/" if name.endswith("/") and absolute != "/" else absolute
