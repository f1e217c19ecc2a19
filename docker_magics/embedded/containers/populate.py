"""What a new container's files begin with beside its image: a working folder, filled volumes.

New volumes take over what the image has where they are mounted.

source: moby volume/mounts, container/container_unix.go: CopyImagePathContent.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadParameter
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..runtime.spec import TreeSpec
from ..storage.layer_view import LayerView
from ..storage.ownership import lchown
from .archive import tree

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container


def volumes(container: Container, engine: Engine) -> None:
    """Fill the empty volumes of a new container from its image."""
    view = LayerView(container.layer.lower)
    for point in container.record["Mounts"]:
        if point["Type"] != "volume" or point.get("NoCopy") or point.get("Inherited"):
            continue
        volume = engine.volumes.get(point["Name"])
        entry = view.stat(point["Destination"])
        if volume.tmpfs is not None or volume.device or entry is None or not entry.is_folder:
            continue
        if any(volume.path.iterdir()):
            continue
        _take_over(volume.path, entry.stat)
        if view.names(point["Destination"]):
            _copy(container, engine, point["Destination"], volume.path)


def working_folder(container: Container, engine: Engine) -> None:
    """Make a new container's working folder, where its image has none.

    source: moby container/container.go: SetupWorkingDirectory.

    Raises:
        BadParameter: it is a file.
    """
    path = container.config["WorkingDir"]
    found = LayerView(container.layer.lower).stat(path) if path else None
    if not path or (found and found.is_folder):
        return
    spec: TreeSpec = {"rootfs": engine.storage.prepare(container.layer), "mounts": []}
    try:
        with engine.supervisor.files(container.folder, spec) as root:
            os.close(root.make_dirs(path))
    except (FileExistsError, NotADirectoryError):
        raise BadParameter(f"Cannot mkdir: {path} is not a directory") from None


def _take_over(folder: Path, found: os.stat_result) -> None:
    folder.chmod(stat.S_IMODE(found.st_mode))
    lchown(folder, found.st_uid, found.st_gid)


def _copy(container: Container, engine: Engine, source: str, target: Path) -> None:
    spec: TreeSpec = {"rootfs": engine.storage.prepare(container.layer), "mounts": []}
    with engine.supervisor.files(container.folder, spec) as root:
        unpack(stream_of(tree(root, source, inside=True)), target)
