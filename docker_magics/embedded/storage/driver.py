"""Storage drivers: how a container's root filesystem is put together from layers.

source: moby daemon/graphdriver/driver.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypedDict


class RootfsSpec(TypedDict):
    """A root filesystem as the runtime mounts it.

    lower: the read-only layers' folders, bottom first.
    upper, work: folders for changes and for overlayfs's own use; empty where it is only read.
    merged: where all of it appears.
    readonly: whether the container may write to it.
    userxattr: whether overlayfs keeps its marks in `user.` attributes, as in a user namespace.
    """

    lower: list[str]
    upper: str
    work: str
    merged: str
    readonly: bool
    userxattr: bool


def read_only(lower: Sequence[str], merged: Path, *, userxattr: bool) -> RootfsSpec:
    """Return a read-only root filesystem."""
    return {
        "lower": list(lower),
        "upper": "",
        "work": "",
        "merged": str(merged),
        "readonly": True,
        "userxattr": userxattr,
    }


@dataclass(frozen=True)
class WritableLayer:
    """The changes of a container, or of a build step, on top of read-only layers.

    Attributes:
        folder: holds upper/, work/ and merged/.
        lower: the read-only layers' folders, bottom first.
    """

    folder: Path
    lower: tuple[str, ...]

    @property
    def upper(self) -> Path:
        """The changes, in overlayfs's format."""
        return self.folder / "upper"

    @property
    def work(self) -> Path:
        """Overlayfs's own folder."""
        return self.folder / "work"

    @property
    def merged(self) -> Path:
        """The folder in which layers and changes appear as one tree."""
        return self.folder / "merged"

    def create(self) -> None:
        """Create the empty folders."""
        for path in (self.upper, self.work, self.merged):
            path.mkdir(mode=0o755)
            path.chmod(0o755)  # whatever the umask


class StorageDriver(Protocol):
    """One way to put layers together. Implementations: `overlay.py`, `copy.py`.

    Attributes:
        works_ahead: whether `expect` does something.
    """

    works_ahead: bool

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Make the files available, and return how the runtime mounts them. Idempotent.

        Raises:
            ApiError: the disk is full.
        """

    def prepare_image(self, owner: WritableLayer, layers: Sequence[str], at: Path) -> RootfsSpec:
        """Make an image's files available to a container that mounts it. Idempotent.

        Args:
            owner: the container's changes.
            layers: the folders of the image's layers, bottom first.
            at: a folder in the container's, for this image alone.

        Raises:
            ApiError: the disk is full.
        """

    def changes(self, layer: WritableLayer) -> Path:
        """Return the folder of changes, in overlayfs's format (see `whiteouts.py`)."""

    def release(self, layer: WritableLayer, *, in_use: bool = False) -> None:
        """Let go of files that the driver may recycle; the caller removes the layer's folder.

        Args:
            layer: nothing runs on it any more.
            in_use: a process that was killed may still write to it.
        """

    def expect(self, layers: Sequence[str]) -> None:
        """Prepare for a container on these layers, in the background."""

    def forget(self) -> None:
        """Remove what was prepared for layers that no longer exist."""
