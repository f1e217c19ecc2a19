"""The manifest lists that are not pushed yet, in the CLI's configuration folder.

source: docker/cli, cli/manifest/store/store.go.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from docker_magics.engine.cli_config import CliConfig, write_private
from docker_magics.errors import UsageError
from docker_magics.wire.reference import Reference

#: The files of images; one that is being written begins with a dot.
_FILES = "[!.]*"


class NoSuchManifest(UsageError):
    """The manifest list, or its entry, does not exist on this machine."""

    def __init__(self, reference: Reference) -> None:
        super().__init__(f"No such manifest: {reference}")


class ManifestStore:
    """The local manifest lists: a folder for each list, a file for each image."""

    def __init__(self) -> None:
        self._root = Path(CliConfig().folder, "manifests")

    def images(self, target: Reference) -> list[dict[str, Any]]:
        """Return the images of a list, in the order of their names.

        Raises:
            NoSuchManifest: the list does not exist.
        """
        folder = self._folder(target)
        if not folder.is_dir():
            raise NoSuchManifest(target)
        return [json.loads(file.read_bytes()) for file in sorted(folder.glob(_FILES))]

    def image(self, target: Reference, reference: Reference) -> dict[str, Any]:
        """Return an image of a list.

        Raises:
            NoSuchManifest: the list does not have it.
        """
        try:
            image: dict[str, Any] = json.loads(self._file(target, reference).read_bytes())
        except FileNotFoundError as error:
            raise NoSuchManifest(reference) from error
        return image

    def save(self, target: Reference, reference: Reference, image: dict[str, Any]) -> None:
        """Store an image of a list, atomically."""
        write_private(self._file(target, reference), json.dumps(image).encode())

    def remove(self, target: Reference) -> None:
        """Remove a list.

        Raises:
            NoSuchManifest: the list does not exist.
        """
        if not self._folder(target).is_dir():
            raise NoSuchManifest(target)
        shutil.rmtree(self._folder(target))

    def _folder(self, target: Reference) -> Path:
        return self._root / _file_name(target)

    def _file(self, target: Reference, reference: Reference) -> Path:
        return self._folder(target) / _file_name(reference)


def _file_name(reference: Reference) -> str:
    return str(reference).replace(":", "-").replace("/", "_")
