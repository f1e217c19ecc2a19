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
            folder = image.stat(point["Destination"])
            if volume.tmpfs is not None or volume.device or folder is None or not folder.is_folder:
                continue
            if any(volume.path.iterdir()):
                continue
            _copy_attributes(folder.stat, volume.path)
            if image.names(point["Destination"]):
                with self._files(container) as root:
                    unpack(
                        stream_of(pack_tree(root, point["Destination"], inside=True)), volume.path
                    )

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


def _copy_attributes(source: os.stat_result, target: Path) -> None:
    target.chmod(stat.S_IMODE(source.st_mode))
    lchown(target, source.st_uid, source.st_gid)
