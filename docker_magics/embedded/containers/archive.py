"""Files of a container as archives, and archives into its files.

source: Engine API, ContainerArchive, PutContainerArchive, ContainerExport; moby daemon/archive.go.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import posixpath
import stat
import tarfile
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from ...wire import tarstream
from .. import clock
from ..errors import ApiError, BadParameter, Forbidden, NotFound
from ..images.compression import Prefixed, decompressed
from ..images.unpack import unpack
from ..runtime import users
from ..runtime.spec import TreeSpec
from ..storage.rootfs import Rootfs
from .spec import etc_targets

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_MOST_LINKS = 40
#: The kernel's own file systems: they are no files of the container; nor is memory.
_KERNELS = ("/proc", "/sys", "/dev")


@contextlib.contextmanager
def files(container: Container, engine: Engine) -> Iterator[Rootfs]:
    """The container's whole file tree, its volumes and binds in place, running or not."""
    engine.container_events.publish_mounts(container, mounted=True)
    try:
        with _files(container, engine) as root:
            yield root
    finally:
        engine.container_events.publish_mounts(container, mounted=False)


@contextlib.contextmanager
def _files(container: Container, engine: Engine) -> Iterator[Rootfs]:
    process = container.process
    if process and (path := engine.supervisor.driver.running_root(process.pid)):
        with Rootfs(path) as root:
            yield root
        return
    with engine.supervisor.files(container.folder, engine.container_specs.build(container)) as root:
        yield root


def _hidden(container: Container, root: Rootfs) -> set[int]:
    """The devices of what no file of a container that runs is on: nobody looks in there."""
    if container.process is None:
        return set()
    found = set()
    points = container.record["Mounts"]
    memory = [point["Destination"] for point in points if point["Type"] == "tmpfs"]
    for path in (*_KERNELS, *memory, *(container.host_config.get("Tmpfs") or {})):
        with contextlib.suppress(OSError):
            found.add(root.stat(path).st_dev)
    return found


def _check_seen(root: Rootfs, path: str, hidden: set[int]) -> None:
    folder, _ = root.open_parent(path)
    try:
        is_hidden = os.fstat(folder).st_dev in hidden
    finally:
        os.close(folder)
    if is_hidden:
        raise NotFound(f"Could not find the file {path} in container")


def stat_of(root: Rootfs, path: str) -> str:
    """The X-Docker-Container-Path-Stat of a path.

    Raises:
        NotFound: there is no such file.
    """
    found = _lstat(root, path)
    link = ""
    if stat.S_ISLNK(found.st_mode):
        link = _target(root, path)
    about = {
        "name": posixpath.basename(path.rstrip("/")) or "/",
        "size": found.st_size,
        "mode": _go_mode(found.st_mode),
        "mtime": clock.stamp(found.st_mtime_ns),
        "linkTarget": link,
    }
    return base64.b64encode(json.dumps(about).encode()).decode()


def _lstat(root: Rootfs, path: str) -> os.stat_result:
    try:
        if path.endswith("/") or posixpath.basename(path) in {"", "."}:
            return root.stat(f"{path}/.")  # fails where it is no folder
        return root.lstat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"Could not find the file {path} in container") from error
    except OSError as error:
        raise ApiError(f"{path}: {error.strerror}") from error


def _target(root: Rootfs, path: str) -> str:
    """Where a link leads at last, whether anything is there or not."""
    for _ in range(_MOST_LINKS):
        try:
            return root.resolve(path)
        except OSError:
            folder, name = root.open_parent(path)
        try:
            target = os.readlink(name, dir_fd=folder)
        except OSError:
            return posixpath.normpath(path)
        finally:
            os.close(folder)
        path = posixpath.join(posixpath.dirname(path), target)
    return path


def _go_mode(mode: int) -> int:
    """Go's os.FileMode of a Unix mode."""
    kinds = {
        stat.S_IFDIR: 1 << 31,
        stat.S_IFLNK: 1 << 27,
        stat.S_IFIFO: 1 << 25,
        stat.S_IFSOCK: 1 << 24,
        stat.S_IFCHR: (1 << 26) | (1 << 21),
        stat.S_IFBLK: 1 << 26,
    }
    found = (mode & 0o777) | kinds.get(stat.S_IFMT(mode), 0)
    for bit, go in ((stat.S_ISUID, 1 << 23), (stat.S_ISGID, 1 << 22), (stat.S_ISVTX, 1 << 20)):
        if mode & bit:
            found |= go
    return found


def tree(
    root: Rootfs, path: str, *, inside: bool = False, hidden: Collection[int] = ()
) -> Iterator[bytes]:
    """A file or folder as an archive, named by its last part.

    Args:
        root: the container's files.
        path: the file or folder.
        inside: names begin below the folder, as in an export.
        hidden: devices that are shown as empty folders.
    """
    follow = path.endswith(("/", "/."))
    base = "." if path.endswith("/.") else posixpath.basename(posixpath.normpath(path))
    name = "" if inside else (base or "/")
    top = root.open_folder_or_file(path, follow=follow)
    try:
        if inside:
            yield from _members(f"/proc/self/fd/{top}", "", {}, hidden)
        else:
            yield from _member(f"/proc/self/fd/{top}", name, {}, hidden, top)
    finally:
        os.close(top)
    yield tarstream.END


def _member(
    path: str,
    name: str,
    seen: dict[tuple[int, int], str],
    hidden: Collection[int],
    fd: int = -1,
) -> Iterator[bytes]:
    """A file's header and content; a folder's too, and what is in it."""
    try:
        found = os.fstat(fd) if fd >= 0 else os.lstat(path)
    except OSError:
        return
    info = _info(path, name, found, fd)
    if info is None:
        return
    if stat.S_ISREG(found.st_mode):
        key = (found.st_dev, found.st_ino)
        if found.st_nlink > 1 and key in seen:
            tarstream.make_hard_link(info, seen[key])
        else:
            seen[key] = info.name
    yield tarstream.header(info)
    if info.isreg():
        with open(path, "rb") as file:
            yield from tarstream.content(file, info.size)
    if stat.S_ISDIR(found.st_mode) and found.st_dev not in hidden:
        yield from _members(path, name, seen, hidden)


def _members(
    path: str, name: str, seen: dict[tuple[int, int], str], hidden: Collection[int]
) -> Iterator[bytes]:
    """What is in a folder."""
    with contextlib.suppress(PermissionError):
        for each in sorted(os.listdir(path)):
            yield from _member(f"{path}/{each}", posixpath.join(name, each), seen, hidden)


def _info(path: str, name: str, found: os.stat_result, fd: int) -> tarfile.TarInfo | None:
    info = tarstream.info_of(name, found)
    if info is None:
        return None
    info.uname, info.gname = ("" if number else "root" for number in (info.uid, info.gid))
    if info.isdir():
        info.name = name.rstrip("/") + "/"
    if info.issym():
        info.linkname = os.readlink("", dir_fd=fd) if fd >= 0 else os.readlink(path)
    return info


def get(container: Container, engine: Engine, path: str) -> tuple[str, Iterator[bytes]]:
    """A path's stat and its archive.

    Raises:
        NotFound: there is no such file.
    """
    path = _absolute(path)
    stack = contextlib.ExitStack()
    root = stack.enter_context(files(container, engine))
    try:
        hidden = _hidden(container, root)
        about = stat_of(root, path)
        _check_seen(root, path, hidden)
    except BaseException as error:
        stack.close()
        raise _named(error, container, path) from error

    def pieces() -> Iterator[bytes]:
        with stack:
            yield from tree(root, path, hidden=hidden)

    return about, pieces()


def head(container: Container, engine: Engine, path: str) -> str:
    """A path's stat.

    Raises:
        NotFound: there is no such file.
    """
    path = _absolute(path)
    with files(container, engine) as root:
        try:
            about = stat_of(root, path)
            _check_seen(root, path, _hidden(container, root))
        except NotFound as error:
            raise _named(error, container, path) from error
        return about


def _named(error: BaseException, container: Container, path: str) -> BaseException:
    if isinstance(error, NotFound):
        return NotFound(f"Could not find the file {path} in container {container.name}")
    return error


def put(
    container: Container,
    engine: Engine,
    path: str,
    body: Any,
    *,
    replace_kinds: bool,
    to_user: bool,
) -> None:
    """Unpack an archive into a folder of the container.

    Args:
        container: the container.
        engine: its engine.
        path: the folder.
        body: the archive, compressed or not.
        replace_kinds: a folder may become a file, and the other way round.
        to_user: everything becomes the container's user's, where it has one.

    Raises:
        NotFound: there is no such folder.
        BadParameter: it is no folder, or no archive.
        Forbidden: it cannot be written to.
    """
    path = _absolute(path)
    with files(container, engine) as root:
        try:
            found = root.stat(path)
        except OSError as error:
            message = f"Could not find the file {path} in container {container.name}"
            raise NotFound(message) from error
        if not stat.S_ISDIR(found.st_mode):
            raise BadParameter("extraction point is not a directory")
        real = root.resolve(path)
        _check_writable(container, real)
        owner = _user(container, root) if to_user and container.config["User"] else None
        keep = not replace_kinds
        if first := body.read(1):  # nothing at all is an archive of nothing
            archive = decompressed(Prefixed(first, body))
            busy = _mounted_files(container)
            unpack(archive, root.path, into=real, busy=busy, keep_kinds=keep, owner=owner)


def _mounted_files(container: Container) -> set[str]:
    """Where a file of the host is mounted: nothing can take its place."""
    points = container.record["Mounts"]
    found = {each["Destination"] for each in points if os.path.isfile(each["Source"])}
    return found | set(etc_targets(container) if container.process else ())


def _user(container: Container, root: Rootfs) -> tuple[int, int]:
    try:
        found = users.resolve(container.config["User"], (), root.read_text)
    except users.NoSuchUser as error:
        raise BadParameter(str(error)) from error
    return found.uid, found.gid


def _check_writable(container: Container, path: str) -> None:
    owner = None
    for point in container.record["Mounts"]:
        target = point["Destination"]
        is_below = path == target or path.startswith(target.rstrip("/") + "/")
        if is_below and (owner is None or len(target) > len(owner["Destination"])):
            owner = point
    if owner is not None and not owner["RW"]:
        raise Forbidden("mounted volume is marked read-only")
    if owner is None and container.host_config["ReadonlyRootfs"]:
        raise Forbidden("container rootfs is marked read-only")


def _absolute(path: str) -> str:
    if not path:
        raise BadParameter("bad parameter: pathcannot be empty")  # dockerd's words
    return path if path.startswith("/") else f"/{path}"


def export(container: Container, engine: Engine) -> Iterator[bytes]:
    """The container's files without its volumes, as an archive."""
    spec: TreeSpec = {"rootfs": engine.container_specs.build(container)["rootfs"], "mounts": []}
    with engine.supervisor.files(container.folder, spec) as root:
        yield from tree(root, "/", inside=True)
