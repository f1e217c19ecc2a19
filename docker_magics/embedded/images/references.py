"""The names of images: which repository, tag or digest means which image.

ROOT/repositories.json    {"docker.io/library/busybox:1": "sha256:...", "...@sha256:...": ...}

source: moby reference/store.go.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from ...wire import reference as names
from ...wire.reference import Reference, parse
from ..errors import BadParameter
from ..state import read_json, write_json


def read(text: str) -> Reference:
    """The reference that a client wrote.

    Raises:
        BadParameter: it is none, in dockerd's words, which do not repeat the name.
    """
    try:
        return parse(text)
    except names.ReferenceError as error:
        raise BadParameter(re.sub(r" \(.*\) must", " must", str(error))) from error


class References:
    """Names and what they mean, on the disk at every moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._images: dict[str, str] = read_json(path) if path.exists() else {}

    def get(self, reference: Reference) -> str | None:
        """The image that a name with a tag or a digest means."""
        if reference.digest:
            by_digest = f"{reference.name}@{reference.digest}"
            return self._images.get(by_digest)
        return self._images.get(str(reference.tagged))

    def set(self, reference: Reference, image: str) -> None:
        """Let a name mean an image, whatever it meant before."""
        with self._lock:
            self._images = {**self._images, str(reference): image}
            self._save()

    def delete(self, reference: Reference) -> bool:
        """Forget a name; whether it was known."""
        with self._lock:
            known = str(reference) in self._images
            self._images = {k: v for k, v in self._images.items() if k != str(reference)}
            self._save()
        return known

    def of(self, image: str) -> list[Reference]:
        """An image's names: tags and digests, sorted."""
        return [parse(name) for name, meant in sorted(self._images.items()) if meant == image]

    def tags(self, name: str) -> list[Reference]:
        """The tagged names of a repository."""
        found = (parse(each) for each in sorted(self._images) if each.startswith(f"{name}:"))
        return [each for each in found if each.name == name and each.tag]

    def _save(self) -> None:
        write_json(self._path, dict(sorted(self._images.items())))
