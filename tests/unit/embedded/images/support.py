"""An image store in a folder, and images and archives for it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from unit.embedded.fakes import FakeContainers, FakeEvents

from docker_magics.embedded.images.config import ImageConfig
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.images.store import ImageStore
from docker_magics.wire.reference import parse


class Store:
    """A store with fake dependencies; `reopen` loads it from disk again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = FakeEvents()
        self.containers = FakeContainers()
        self.tmp = folder / "tmp"
        self.tmp.mkdir()
        self.images = self.reopen()

    def reopen(self) -> ImageStore:
        """Return the store of a new engine on the same folder."""
        self.images = ImageStore(self.folder / "images", self.events, self.containers)
        return self.images

    def layer(self, **files: str) -> str:
        """Create a layer of files, name -> content; return its diff ID."""
        with self.images.layers.draft() as draft:
            for name, text in files.items():
                path = draft.files / name
                path.write_text(text)
                path.chmod(0o644)
            return self.images.layers.keep(draft).diff_id

    def add_layer(self, archive: bytes) -> str:
        """Add an archive as a layer; return its diff ID."""
        with self.images.blobs.writer() as writer:
            writer.write(archive)
            return self.images.layers.add(writer).diff_id

    def image(
        self, *tags: str, parent: str = "", diff_ids: list[str] | None = None, **fields: Any
    ) -> Image:
        """Add an image; without `diff_ids` it has one layer, with its first tag in a file."""
        layers = [self.layer(name=str(tags))] if diff_ids is None else diff_ids
        image = self.images.add(config(layers, **fields), parent)
        for tag in tags:
            self.images.tag(image, parse(tag), event=False)
        return self.images.get(image.id)


def config(diff_ids: list[str], **fields: Any) -> ImageConfig:
    """Return a minimal configuration; `fields` are added to it."""
    return {  # type: ignore[typeddict-item,return-value]
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        **fields,
    }


def tar(**members: bytes | str) -> bytes:
    """Return an archive of files, name -> content, with `__` for each slash."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name.replace("__", "/"))
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def members(archive: bytes) -> dict[str, bytes]:
    """Return an archive's files, name -> content."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        files = {info.name: opened.extractfile(info) for info in opened}
        return {name: file.read() for name, file in files.items() if file is not None}


def load_json(files: dict[str, bytes], name: str) -> Any:
    """Return a member as JSON."""
    return json.loads(files[name])
