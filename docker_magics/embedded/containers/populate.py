"""The first files of a new container: its working directory, and its new volumes.

An empty volume receives the image's files at its mount point.

source: moby volume/mounts, container/container_unix.go: CopyImagePathContent.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BadParameter
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..records.container import Container
from ..runtime.supervisor import Supervisor
from ..storage.beneath import open_beneath
from ..storage.driver import StorageDriver
from ..storage.layer_view import LayerView
from ..storage.ownership import lchown
from ..storage.rootfs import Rootfs
from ..volumes.service import Volumes
from .tree import pack_tree


class Populator:
    """Writes the first files of new containers.

    Args:
        volumes: receive files.
        storage: prepares root filesystems.
        supervisor: mounts them.
    """

    def __init__(self, volumes: Volumes, storage: StorageDriver, supervisor: Supervisor) -> None:
        self._volumes = volumes
        self._storage = storage
        self._supervisor = supervisor

    def fill_volumes(self, container: Container) -> None:
        """Copy the image's files into empty volumes."""
        image = LayerView(container.layer.lower)
        for point in container.record["Mounts"]:
            if point["Type"] != "volume" or point.get("NoCopy") or point.get("Inherited"):
                continue
            volume = self._volumes.get(point["Name"])
            path = image.resolve(point["Destination"])
            folder = image.stat(path) if path else None
            if volume.tmpfs is not None or volume.device or folder is None or not folder.is_folder:
                continue
            with _opened(volume.path, point.get("Subpath") or "") as target:
                if target is None or os.listdir(target):
                    continue
                _copy_attributes(folder.stat, target)
                if path and image.names(path):
                    with self._files(container) as root:
                        archive = stream_of(pack_tree(root, path, inside=True))
                        unpack(archive, Path(f"/proc/self/fd/{target}"))

    def create_working_directory(self, container: Container) -> None:
        """Create the working directory, if the image does not have it.

        source: moby container/container.go: SetupWorkingDirectory.

        Raises:
            BadParameter: it is a file.
        """
        path = container.config["WorkingDir"]
        if not path:
            return
        entry = LayerView(container.layer.lower).stat(path)
        if entry is not None and entry.is_folder:
            return
        try:
            with self._files(container) as root:
                os.close(root.make_dirs(path))
        except (FileExistsError, NotADirectoryError):
            raise BadParameter(f"Cannot mkdir: {path} is not a directory") from None

    @contextmanager
    def _files(self, container: Container) -> Iterator[Rootfs]:
        """Yield the container's files without its mounts."""
        rootfs = self._storage.prepare(container.layer)
        with self._supervisor.files(container.folder, {"rootfs": rootfs, "mounts": []}) as root:
            yield root


@contextmanager
def _opened(volume: Path, subpath: str) -> Iterator[int | None]:
    """Open the folder of a volume that is mounted; None if it is missing, or not a folder."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    top = os.open(volume, flags)
    try:
        folder = open_beneath(top, subpath, flags, links=True)
    except OSError:  # reported when the container starts
        yield None
        return
    finally:
        os.close(top)
    try:
        yield folder
    finally:
        os.close(folder)


def _copy_attributes(source: os.stat_result, target: int) -> None:
    os.fchmod(target, stat.S_IMODE(source.st_mode))
    lchown(".", source.st_uid, source.st_gid, dir_fd=target)
