"""One volume.

ROOT/volumes/NAME/volume.json     the record
ROOT/volumes/NAME/_data/          the files

source: Engine API, "Volume"; moby volume/local.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, TypedDict

from ..images import pack

#: The label by which dockerd marks volumes that nobody named.
ANONYMOUS = "com.docker.volume.anonymous"


class VolumeRecord(TypedDict):
    """The content of volume.json, with the API's names."""

    Name: str
    Labels: dict[str, str] | None
    Options: dict[str, str] | None
    CreatedAt: str


class Volume:
    """A folder that outlives containers.

    Attributes:
        folder: holds the record and the files.
        record: name, labels, options, time of creation.
        path: the files.
    """

    def __init__(self, folder: Path, record: VolumeRecord) -> None:
        self.folder = folder
        self.record = record
        self.path = folder / "_data"

    @property
    def name(self) -> str:
        """The volume's name."""
        return self.record["Name"]

    @property
    def labels(self) -> dict[str, str]:
        """The volume's labels."""
        return dict(self.record["Labels"] or {})

    @property
    def options(self) -> dict[str, str]:
        """The options of the `local` driver: type, device, o, size."""
        return dict(self.record["Options"] or {})

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody named it."""
        return ANONYMOUS in self.labels

    @property
    def tmpfs(self) -> str | None:
        """The mount options of a volume in memory; None for one on disk."""
        return self.options.get("o", "") if self.options.get("type") == "tmpfs" else None

    @property
    def unsupported_type(self) -> str:
        """The filesystem type that this engine cannot mount; empty where it can."""
        kind = self.options.get("type", "")
        return "" if self.device or kind in {"", "none", "tmpfs"} else kind

    @property
    def device(self) -> str:
        """The host folder that is bound as this volume; empty where it has its own files."""
        is_bind = {"bind", "rbind"} & {*self.options.get("o", "").split(",")}
        return self.options.get("device", "") if is_bind else ""

    def size(self) -> int:
        """Return the bytes of its files."""
        with contextlib.suppress(OSError):  # a container may write to it meanwhile
            return pack.content_size(self.path)
        return 0

    def as_json(self) -> dict[str, Any]:
        """Return the API's Volume."""
        return {
            "CreatedAt": self.record["CreatedAt"],
            "Driver": "local",
            "Labels": self.record["Labels"],
            "Mountpoint": str(self.path),
            "Name": self.name,
            "Options": self.record["Options"],
            "Scope": "local",
        }
