"""The names of images: which repository, tag or digest means which image.

ROOT/images/repositories.json    {"docker.io/library/busybox:1": "sha256:...", ...}

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


def read(text: str, tag: str = "") -> Reference:
    """Parse the reference that a client wrote.

    Args:
        text: the reference.
        tag: a tag or digest, which replaces the reference's; empty for none.

    Raises:
        BadParameter: not a reference; dockerd's message does not repeat the name.
    """
    try:
        return parse(text).with_tag(tag) if tag else parse(text)
    except names.ReferenceError as error:
        raise BadParameter(re.sub(r" \(.*\) must", " must", str(error))) from error


def of_new_image(repository: str, tag: str, action: str) -> Reference | None:
    """Return the name that a request gives to a new image, as it is; None for none.

    Args:
        repository: with or without a tag; empty for no name.
        tag: replaces the repository's; empty for none.
        action: completes the message `cannot ACTION digest reference`.

    Raises:
        BadParameter: not a name, or one with a digest.
    """
    if not repository:
        return None
    reference = read(repository, tag)
    if reference.digest:
        raise BadParameter(f"cannot {action} digest reference")
    return reference


class References:
    """Names and the images they mean; every change is on the disk at once.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._images: dict[str, str] = read_json(path) if path.exists() else {}

    def get(self, reference: Reference) -> str | None:
        """Return the ID of the image that a name means; `latest` is its default tag."""
        if reference.digest:
            return self._images.get(f"{reference.name}@{reference.digest}")
        return self._images.get(str(reference.tagged))

    def set(self, reference: Reference, image_id: str) -> None:
        """Point a name at an image, whatever it named before."""
        with self._lock:
            self._images = {**self._images, str(reference): image_id}
            self._save()

    def delete(self, reference: Reference) -> bool:
        """Remove a name; return whether it existed."""
        with self._lock:
            name = str(reference)
            existed = name in self._images
            self._images = {key: value for key, value in self._images.items() if key != name}
            self._save()
        return existed

    def of(self, image_id: str) -> list[Reference]:
        """Return an image's names, with tags and with digests, sorted."""
        return [parse(name) for name, target in sorted(self._images.items()) if target == image_id]

    def tags(self, name: str) -> list[Reference]:
        """Return the tagged names of a repository (`docker.io/library/busybox`), sorted."""
        candidates = (parse(key) for key in sorted(self._images) if key.startswith(f"{name}:"))
        return [reference for reference in candidates if reference.name == name and reference.tag]

    def _save(self) -> None:
        write_json(self._path, dict(sorted(self._images.items())))
