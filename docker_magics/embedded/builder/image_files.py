"""The files of images, outside of containers."""

from __future__ import annotations

import contextlib
import posixpath
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..containers.tree import pack_tree
from ..images.image import Image
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..runtime.spec import TreeSpec
from ..runtime.supervisor import Supervisor
from ..state import remove_tree
from ..storage.base_layers import BaseLayers
from ..storage.driver import StorageDriver, WritableLayer
from ..storage.rootfs import Rootfs


class ImageFiles:
    """Makes the files of images available for a while.

    Args:
        tmp: a folder for temporary layers.
        base_layers: complete an image's layers.
        storage: puts layers together.
        supervisor: mounts them.
    """

    def __init__(
        self, tmp: Path, base_layers: BaseLayers, storage: StorageDriver, supervisor: Supervisor
    ) -> None:
        self._tmp = tmp
        self._base_layers = base_layers
        self._storage = storage
        self._supervisor = supervisor

    @contextlib.contextmanager
    def layer_on(self, image: Image | None) -> Iterator[WritableLayer]:
        """Yield a temporary layer on top of an image's; None for an empty image."""
        folder = Path(tempfile.mkdtemp(prefix="step-", dir=self._tmp))
        lower = self._base_layers.complete(image.layers if image else ())
        layer = WritableLayer(folder, tuple(lower))
        try:
            layer.create()
            yield layer
        finally:
            self._storage.release(layer)
            remove_tree(folder)

    @contextlib.contextmanager
    def root_of(self, layer: WritableLayer) -> Iterator[Rootfs]:
        """Yield the files of a layer and those below it, as one tree."""
        spec: TreeSpec = {"rootfs": self._storage.prepare(layer), "mounts": []}
        with self._supervisor.files(layer.folder, spec) as root:
            yield root

    @contextlib.contextmanager
    def of(self, image: Image | None) -> Iterator[Rootfs]:
        """Yield an image's files; changes to them are discarded."""
        with self.layer_on(image) as layer, self.root_of(layer) as root:
            yield root

    @contextlib.contextmanager
    def copy_of(self, root: Rootfs, path: str) -> Iterator[Path]:
        """Yield a copy of a file or folder that `of` yields, which every process may mount."""
        folder = Path(tempfile.mkdtemp(prefix="bind-", dir=self._tmp))
        try:
            unpack(stream_of(pack_tree(root, path)), folder)
            yield folder / posixpath.basename(path)
        finally:
            remove_tree(folder)
