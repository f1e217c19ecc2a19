"""The images of one engine: found by name or ID, added, named.

ROOT/images/blobs/                     configurations, manifests, layers' archives
ROOT/images/layers/                    unpacked layers
ROOT/images/repositories.json          names
ROOT/images/sources.json               repositories that have layers
ROOT/images/about/HEX.json             {"parent", "tagged_at", "hidden"} of each image

An image whose removal was forced while a container still uses it stays, hidden, until the
container goes.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...wire import digest
from ...wire import reference as names
from ...wire.reference import Reference
from .. import clock
from ..errors import BadParameter, NotFound
from ..state import read_json, write_json
from . import references
from .blobs import Blobs
from .image import Config, Image, Platform, dump_config, parse_config
from .layers import Layers
from .references import References
from .sources import Sources

if TYPE_CHECKING:
    from ..engine import Engine

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})")


class ImageStore:
    """Images, their layers and their names.

    Attributes:
        blobs, layers, references, sources: the parts.
        lock: held while what images there are changes.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        folder = engine.state.folder("images")
        self.blobs = Blobs(folder / "blobs")
        self.layers = Layers(folder / "layers", self.blobs)
        self.references = References(folder / "repositories.json")
        self.sources = Sources(folder / "sources.json")
        self.lock = threading.RLock()
        self._about = engine.state.folder("images", "about")
        self._images: dict[str, Image] = {}
        self._hidden: set[str] = set()
        self._held: Counter[str] = Counter()
        self._load()
        self._sweep()

    def _load(self) -> None:
        self.layers.sweep()
        for path in self._about.glob("*.json"):
            name = digest.PREFIX + path.stem
            if not self.blobs.has(name):
                path.unlink()  # cut off while it was added or removed
                continue
            about = read_json(path)
            self._images[name] = self._image(name, about["parent"], about["tagged_at"])
            if about["hidden"]:
                self._hidden.add(name)

    def _sweep(self) -> None:
        """Take away what was made for images that were never finished."""
        self._remove_unused(self.layers.names())
        layers = {self.layers.get(each).blob for each in self.layers.names()}
        self.blobs.sweep({*self._images, *filter(None, layers)})

    def _image(self, name: str, parent: str, tagged_at: str) -> Image:
        config = parse_config(self.blobs.read(name))
        layers = tuple(self.layers.get(each).files for each in config["rootfs"]["diff_ids"])
        return Image(name, config, layers, parent, tagged_at)

    def all(self) -> list[Image]:
        """Every image, the intermediate ones of builds too."""
        return [each for name, each in list(self._images.items()) if name not in self._hidden]

    def get(self, name: str) -> Image:
        """The image of a whole ID, removed by force or not.

        Raises:
            NotFound: no such image.
        """
        found = self._images.get(name)
        if found is None:
            raise NotFound(f"No such image: {name}")
        return found

    def has(self, name: str) -> bool:
        """Whether there is an image of this whole ID."""
        return name in self._images and name not in self._hidden

    def resolve(self, text: str, platform: Platform | None = None) -> Image:
        """The image that a name, an ID or the beginning of one means.

        Raises:
            NotFound: `No such image: x:latest`.
            BadParameter: the text can be no image's name.
        """
        image = self._by_name_or_id(text)
        if platform is not None and not platform.accepts(image.platform):
            raise NotFound(
                f"image with reference {text} was found but does not match the specified platform:"
                f" wanted {platform}, actual: {image.platform}"
            )
        return image

    def _by_name_or_id(self, text: str) -> Image:
        if names.is_identity(text):
            name = digest.PREFIX + text.removeprefix(digest.PREFIX)
            if not self.has(name):
                raise NotFound(f"No such image: {text}")
            return self._images[name]
        try:
            reference = references.read(text)
        except BadParameter:
            if not _ID.fullmatch(text):
                raise
            reference = None
        if reference is not None and (named := self.references.get(reference)):
            return self._images[named]
        if found := self._by_prefix(text):
            return found
        raise NotFound(f"No such image: {reference.tagged.familiar if reference else text}")

    def _by_prefix(self, text: str) -> Image | None:
        match = _ID.fullmatch(text)
        if match is None:
            return None
        prefix = digest.PREFIX + match[1]
        found = [each for each in self.all() if each.id.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    def add(self, config: Config | bytes, parent: str = "") -> Image:
        """Add an image whose layers are there.

        Args:
            config: its configuration, as it came where it must keep its ID.
            parent: the image that a build made it from.
        """
        data = config if isinstance(config, bytes) else dump_config(config)
        with self.lock:
            name = self.blobs.add(data)
            self._hidden.discard(name)
            known = self._images.get(name)
            image = self._image(name, parent, "")
            if known is not None:
                image = replace(known, parent=known.parent or parent)
            self._images[name] = image
            self._save(image)
        return image

    def tag(self, image: Image, reference: Reference, *, event: bool = True) -> None:
        """Let a name mean an image.

        Raises:
            BadParameter: a digest cannot be given.
        """
        with self.lock:
            self.references.set(reference.tagged, image.id)
            image = replace(self._images[image.id], tagged_at=clock.stamp())
            self._images[image.id] = image
            self._save(image)
        if event:
            self.log("tag", image, reference.familiar)

    def children(self, image: Image) -> list[Image]:
        """The images that builds made from it."""
        return [each for each in self.all() if each.parent == image.id]

    def forget(self, image: Image) -> list[str]:
        """Take an image away, with the layers that no other one has.

        Returns:
            The chain IDs that are gone, top first.
        """
        with self.lock:
            if self.engine.containers.using_image(image.id):
                self._hidden.add(image.id)
                self._save(image)
            else:
                self._drop(image)
            left = {each for other in self._images.values() for each in other.chain_ids}
        return [each for each in reversed(image.chain_ids) if each not in left]

    def release(self) -> None:
        """Take away hidden images that no container uses any more."""
        with self.lock:
            for name in list(self._hidden):
                if not self.engine.containers.using_image(name):
                    self._drop(self._images[name])

    def _drop(self, image: Image) -> None:
        del self._images[image.id]
        self._hidden.discard(image.id)
        self._path(image.id).unlink(missing_ok=True)
        self.blobs.remove(image.id)
        self._remove_unused(image.diff_ids)

    @contextlib.contextmanager
    def held(self, diff_ids: Sequence[str]) -> Iterator[None]:
        """Keep layers while an image is made of them; those that none has in the end go."""
        with self.lock:
            self._held.update(diff_ids)
        try:
            yield
        finally:
            with self.lock:
                self._held -= Counter(diff_ids)
                self._remove_unused(diff_ids)

    def _remove_unused(self, diff_ids: Iterable[str]) -> None:
        used = {each for image in self._images.values() for each in image.diff_ids}
        for diff_id in set(diff_ids) - used - self._held.keys():
            if self.layers.has(diff_id):
                self.layers.remove(diff_id)
                self.sources.forget(diff_id)

    def size(self, image: Image) -> int:
        """The bytes of all its layers' files."""
        return sum(self.layers.get(each).size for each in image.diff_ids)

    def layers_size(self) -> int:
        """Return the bytes of all layers, counted once for each chain ID as dockerd does.

        A layer that an image has twice thus counts twice, as it does in the image's size.
        """
        chains = {
            chain: diff_id
            for image in list(self._images.values())
            for chain, diff_id in zip(image.chain_ids, image.diff_ids, strict=True)
        }
        return sum(self.layers.get(diff_id).size for diff_id in chains.values())

    def log(self, action: str, image: Image, name: str = "") -> None:
        """Publish what happened to an image."""
        attributes = {**image.labels, "name": name or image.id}
        self.engine.events.publish("image", action, image.id, attributes)

    def log_transfer(self, action: str, image: Image, reference: Reference) -> None:
        """Publish that a name was pushed or pulled, which such events are about."""
        attributes = {**image.labels, "name": reference.familiar_name}
        self.engine.events.publish("image", action, reference.familiar, attributes)

    def _save(self, image: Image) -> None:
        about = {
            "parent": image.parent,
            "tagged_at": image.tagged_at,
            "hidden": image.id in self._hidden,
        }
        write_json(self._path(image.id), about)

    def _path(self, name: str) -> Path:
        return self._about / f"{digest.hex_of(name)}.json"

    def shown(self) -> Iterator[tuple[Image, list[Reference]]]:
        """Every image with its names."""
        for image in self.all():
            yield image, self.references.of(image.id)
