"""Files of containers as archives, and archives into their files: docker cp, docker export.

source: Engine API, ContainerArchive, PutContainerArchive, ContainerExport; moby daemon/archive.go.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Any, Protocol

from ..errors import ApiError, BadParameter, Forbidden, NotFound
from ..images.compression import Prefixed, decompressed
from ..images.unpack import unpack
from ..records.container import Container
from ..runtime import users
from ..storage.rootfs import Rootfs
from .path_stat import path_stat
from .spec import etc_targets
from .tree import pack_tree

#: Where the kernel's filesystems are, which have no files of the container.
_KERNEL_FOLDERS = ("/proc", "/sys", "/dev")


class FileTrees(Protocol):
    """Opens the file trees of containers. Implementation: `files.ContainerFiles`."""

    def open(self, container: Container, /) -> contextlib.AbstractContextManager[Rootfs]:
        """Open the whole file tree."""

    def open_rootfs(self, container: Container, /) -> contextlib.AbstractContextManager[Rootfs]:
        """Open the file tree without what is mounted into it."""


class Archiver:
    """Copies files out of containers and into them.

    Args:
        trees: opens file trees.
    """

    def __init__(self, trees: FileTrees) -> None:
        self._trees = trees

    def stat(self, container: Container, path: str) -> str:
        """Return the description of a path; see `path_stat`.

        Raises:
            NotFound: no such file.
        """
        path = _absolute(path)
        with self._trees.open(container) as root, _naming(container, path):
            description = path_stat(root, path)
            _check_visible(root, path, _hidden_devices(container, root))
            return description

    def pack(self, container: Container, path: str) -> tuple[str, Iterator[bytes]]:
        """Return the description of a path, and its archive.

        Raises:
            NotFound: no such file.
        """
        path = _absolute(path)
        with contextlib.ExitStack() as stack:
            root = stack.enter_context(self._trees.open(container))
            with _naming(container, path):
                hidden = _hidden_devices(container, root)
                description = path_stat(root, path)
                _check_visible(root, path, hidden)
            opened = stack.pop_all()

        def pieces() -> Iterator[bytes]:
            with opened:
                yield from pack_tree(root, path, hidden=hidden)

        return description, pieces()

    def unpack(
        self,
        container: Container,
        path: str,
        body: Any,
        *,
        replace_kinds: bool,
        to_user: bool,
    ) -> None:
        """Unpack an archive into a folder of a container.

        Args:
            container: the container.
            path: the folder.
            body: the archive, a binary file; compressed or not.
            replace_kinds: whether a file may replace a folder, and a folder a file.
            to_user: whether the files belong to the container's user, if it has one.

        Raises:
            NotFound: no such folder.
            BadParameter: it is not a folder.
            Forbidden: it is read-only.
            ApiError: the archive is invalid; as in dockerd, a server error.
        """
        path = _absolute(path)
        with self._trees.open(container) as root:
            real = _real_folder(container, root, path)
            _check_writable(container, real)
            owner = _user(container, root) if to_user and container.config["User"] else None
            folder, inner = root.locate(real)
            first = body.read(1)
            if not first:
                return  # an empty body is an empty archive
            try:
                unpack(
                    decompressed(Prefixed(first, body)),
                    folder,
                    into=inner,
                    busy=_mounted_files(container),
                    keep_kinds=not replace_kinds,
                    owner=owner,
                )
            except BadParameter as error:
                raise ApiError(str(error)) from error

    def export(self, container: Container) -> Iterator[bytes]:
        """Yield the archive of a container's files, without its volumes."""
        with self._trees.open_rootfs(container) as root:
            yield from pack_tree(root, "/", inside=True)


def _absolute(path: str) -> str:
    if not path:
        raise BadParameter("bad parameter: pathcannot be empty")  # the typo is dockerd's
    return path if path.startswith("/") else f"/{path}"


@contextlib.contextmanager
def _naming(container: Container, path: str) -> Iterator[None]:
    """Add the container's name to the message of a NotFound."""
    try:
        yield
    except NotFound as error:
        raise _not_found(container, path) from error


def _not_found(container: Container, path: str) -> NotFound:
    return NotFound(f"Could not find the file {path} in container {container.name}")


def _hidden_devices(container: Container, root: Rootfs) -> set[int]:
    """Return the devices of a running container's tmpfs mounts and the kernel's filesystems."""
    if container.process is None:
        return set()
    points = container.record["Mounts"]
    tmpfs = [point["Destination"] for point in points if point["Type"] == "tmpfs"]
    devices = set()
    for path in (*_KERNEL_FOLDERS, *tmpfs, *(container.host_config.get("Tmpfs") or {})):
        with contextlib.suppress(OSError):
            devices.add(root.stat(path).st_dev)
    return devices - {root.stat("/").st_dev}  # under proot, nothing is mounted


def _check_visible(root: Rootfs, path: str, hidden: set[int]) -> None:
    folder, _ = root.open_parent(path)
    try:
        is_hidden = os.fstat(folder).st_dev in hidden
    finally:
        os.close(folder)
    if is_hidden:
        raise NotFound(f"Could not find the file {path} in container")


def _real_folder(container: Container, root: Rootfs, path: str) -> str:
    """Return the path of a folder without links."""
    try:
        status = root.stat(path)
    except OSError as error:
        raise _not_found(container, path) from error
    if not stat.S_ISDIR(status.st_mode):
        raise BadParameter("extraction point is not a directory")
    return root.resolve(path)


def _check_writable(container: Container, path: str) -> None:
    """Refuse a path whose innermost mount, or else the root filesystem, is read-only."""
    points = [
        point
        for point in container.record["Mounts"]
        if f"{path}/".startswith(point["Destination"].rstrip("/") + "/")
    ]
    if points:
        innermost = max(points, key=lambda point: len(point["Destination"]))
        if not innermost["RW"]:
            raise Forbidden("mounted volume is marked read-only")
    elif container.host_config["ReadonlyRootfs"]:
        raise Forbidden("container rootfs is marked read-only")


def _user(container: Container, root: Rootfs) -> tuple[int, int]:
    try:
        user = users.resolve(container.config["User"], (), root.read_text)
    except users.NoSuchUser as error:
        raise BadParameter(str(error)) from error
    return user.uid, user.gid


def _mounted_files(container: Container) -> set[str]:
    """Return where files of the host are mounted: nothing can replace those."""
    points = container.record["Mounts"]
    targets = {point["Destination"] for point in points if os.path.isfile(point["Source"])}
    return targets | set(etc_targets(container) if container.process else ())
