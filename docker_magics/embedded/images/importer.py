"""docker import: an image of one layer, made of an archive of files.

source: Engine API, ImageCreate; moby daemon/images/image_import.go.
"""

from __future__ import annotations

from collections.abc import Callable

from ...version import __version__
from ...wire.tarstream import Readable
from .. import clock
from ..dockerfile.run_config import RunConfig
from ..errors import BadParameter
from .compression import decompressed
from .image import Image
from .platforms import host_platform, parse_platform
from .store import ImageStore
from .unpack import unpack

#: Applies Dockerfile instructions, such as `CMD ["sh"]`, to a configuration in place.
ApplyChanges = Callable[[RunConfig, list[str]], None]


class ImageImporter:
    """Imports archives of files.

    Args:
        store: receives the images.
        apply_changes: applies the instructions of `--change`; raises BadParameter.
    """

    def __init__(self, store: ImageStore, apply_changes: ApplyChanges) -> None:
        self._store = store
        self._apply_changes = apply_changes

    def import_image(
        self, source: Readable, *, message: str, changes: list[str], platform: str
    ) -> Image:
        """Add an image of one layer.

        Args:
            source: the archive of files, compressed or not.
            message: the comment for its history.
            changes: Dockerfile instructions for its configuration.
            platform: as `linux/arm64`; empty for this machine's.

        Raises:
            BadParameter: not an archive, or an invalid platform or instruction.
        """
        built_for = parse_platform(platform) if platform else host_platform()
        if built_for.os != "linux":
            raise BadParameter("operating system is not supported")
        run_config: RunConfig = {}
        self._apply_changes(run_config, changes)
        with self._store.layers.draft() as draft:
            unpack(decompressed(source), draft.files)
            with self._store.held([draft.diff_id]):
                self._store.layers.keep(draft)
                created = clock.stamp()
                return self._store.add(
                    {
                        "architecture": built_for.architecture,
                        "os": built_for.os,
                        "created": created,
                        "comment": message,
                        "config": run_config,
                        "docker_version": __version__,
                        "history": [{"created": created, "comment": message}],
                        "rootfs": {"type": "layers", "diff_ids": [draft.diff_id]},
                    }
                )
