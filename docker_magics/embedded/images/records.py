"""What the store records of each image besides its configuration.

ROOT/images/about/HEX.json    HEX being the digits of the image's ID
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from ...wire import digest
from ..state import read_json, write_json


class ImageRecord(TypedDict):
    """One file.

    parent: the ID of the image that a build made it from; empty for none.
    tagged_at: when it was last tagged, as RFC 3339; empty for never.
    hidden: whether it was removed by force while a container used it.
    """

    parent: str
    tagged_at: str
    hidden: bool


class ImageRecords:
    """The records below a folder.

    Args:
        folder: created (0700) if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def ids(self) -> Iterator[str]:
        """Yield the IDs of all recorded images."""
        for path in self._folder.glob("*.json"):
            yield digest.PREFIX + path.stem

    def read(self, image_id: str) -> ImageRecord:
        """Return an image's record.

        Raises:
            FileNotFoundError: there is no such record.
            ApiError: the file is damaged.
        """
        record: ImageRecord = read_json(self._path(image_id))
        return record

    def write(self, image_id: str, record: ImageRecord) -> None:
        """Store an image's record."""
        write_json(self._path(image_id), record)

    def remove(self, image_id: str) -> None:
        """Remove an image's record, if it exists."""
        self._path(image_id).unlink(missing_ok=True)

    def _path(self, image_id: str) -> Path:
        return self._folder / f"{digest.hex_of(image_id)}.json"
