"""The images of one engine: added, looked up, tagged, dropped.

ROOT/images/blobs/                     configurations
ROOT/images/layers/                    unpacked layers
ROOT/images/repositories.json          names (references.py)
ROOT/images/sources.json               repositories that have layers (sources.py)
ROOT/images/about/HEX.json             records (records.py)

An image that is removed by force while a container uses it is hidden; it is dropped with its last
container.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...wire import digest
from ...wire import reference as names
from ...wire.reference import Reference
from .. import clock
from ..errors import BadParameter, NotFound
from ..ports import ContainerLookup, EventSink
from . import references
from .blobs import Blobs
from .config import ImageConfig, dump_config, parse_config, parse_stored_config
from .image import Image
from .layers import Layers
from .platforms import Platform
from .records import ImageRecords
from .references import References
from .sources import Sources

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})")


class ImageStore:
    """Images, their layers and their names.

    Attributes:
        blobs, layers, references, sources: the parts.
        lock: held while the set of images changes.

    Args:
        folder: the store's folder.
        events: receives tag, pull, push, load, ...
        containers: may use images.
    """

    def __init__(self, folder: Path, events: EventSink, containers: ContainerLookup) -> None:
        self._events = events
        self._containers = containers
        self.blobs = Blobs(folder / "blobs")
        self.layers = Layers(folder / "layers")
        self.references = References(folder / "repositories.json")
        self.sources = Sources(folder / "sources.json")
        self.lock = threading.RLock()
        self._records = ImageRecords(folder / "about")
        self._images: dict[str, Image] = {}
        self._hidden: set[str] = set()
        #: How many unfinished images need a layer, by diff ID.
        self._held: Counter[str] = Counter()
        self._load()
        self._sweep()

    def _load(self) -> None:
        self.layers.sweep()
        self.layers.adopt_archives(self.blobs)
        for image_id in list(self._records.ids()):
            if not self.blobs.has(image_id):
                self._records.remove(image_id)  # the engine was killed while it added or removed it
                continue
            record = self._records.read(image_id)
            config = parse_stored_config(self.blobs.read(image_id))
            self._images[image_id] = replace(
                self._image(image_id, config, record["parent"]), tagged_at=record["tagged_at"]
            )
            if record["hidden"]:
                self._hidden.add(image_id)

    def _sweep(self) -> None:
        """Remove the layers and blobs of images that were never finished."""
        self._remove_unused(self.layers.diff_ids())
        self.blobs.sweep(self._images)

    def _image(self, image_id: str, config: ImageConfig, parent: str) -> Image:
        layers = tuple(self.layers.get(diff_id).files for diff_id in config["rootfs"]["diff_ids"])
        return Image(image_id, config, layers, parent)

    # --- look-up

    def all(self) -> list[Image]:
        """Return every image, the intermediate ones of builds too."""
        images = list(self._images.items())
        return [image for image_id, image in images if image_id not in self._hidden]

    def get(self, image_id: str) -> Image:
        """Return the image of a full ID, hidden or not.

        Raises:
            NotFound: no such image.
        """
        image = self._images.get(image_id)
        if image is None:
            raise NotFound(f"No such image: {image_id}")
        return image

    def users(self, image: Image) -> list[str]:
        """Return the IDs of the containers that were created from an image, or mount it."""
        return [container.id for container in self._containers.using_image(image.id)]

    def has(self, image_id: str) -> bool:
        """Whether an image has this full ID and is not hidden."""
        return image_id in self._images and image_id not in self._hidden

    def children(self, image: Image) -> list[Image]:
        """Return the images that builds made from an image."""
        return [child for child in self.all() if child.parent == image.id]

    def resolve(self, text: str, platform: Platform | None = None) -> Image:
        """Return the image of a name, an ID or an ID's unambiguous prefix.

        Args:
            text: as the client wrote it.
            platform: the one that the image must be built for.

        Raises:
            NotFound: `No such image: x:latest`, or it is built for another platform.
            BadParameter: the text is not a valid name.
        """
        image = self._by_name_or_id(text)
        if platform is not None and not platform.accepts(image.platform):
            raise NotFound(
                f"image with reference {text} was found but its platform ({image.platform})"
                f" does not match the specified platform ({platform})"
            )
        return image

    def _by_name_or_id(self, text: str) -> Image:
        if names.is_identity(text):
            image_id = digest.PREFIX + text.removeprefix(digest.PREFIX)
            if not self.has(image_id):
                raise NotFound(f"No such image: {text}")
            return self._images[image_id]
        try:
            reference = references.read(text)
        except BadParameter:
            if not _ID.fullmatch(text):
                raise
            reference = None
        if reference is not None and (named := self.references.get(reference)):
            return self._images[named]
        if image := self._by_prefix(text):
            return image
        raise NotFound(f"No such image: {reference.tagged.familiar if reference else text}")

    def _by_prefix(self, text: str) -> Image | None:
        match = _ID.fullmatch(text)
        if match is None:
            return None
        prefix = digest.PREFIX + match[1]
        candidates = [image for image in self.all() if image.id.startswith(prefix)]
        return candidates[0] if len(candidates) == 1 else None

    # --- adding and naming

    def add(self, config: ImageConfig | bytes, parent: str = "") -> Image:
        """Add an image whose layers are in the store. Idempotent.

        Args:
            config: its configuration; as bytes if it must keep its ID.
            parent: the ID of the image that a build made it from.

        Raises:
            BadParameter: invalid configuration.
            ApiError: a layer is missing.
        """
        data = config if isinstance(config, bytes) else dump_config(config)
        parsed = parse_config(data)
        with self.lock:
            image_id = self.blobs.add(data)
            self._hidden.discard(image_id)
            known = self._images.get(image_id)
            if known is not None:
                image = replace(known, parent=known.parent or parent)
            else:
                image = self._image(image_id, parsed, parent)
            self._images[image_id] = image
            self._write_record(image)
        return image

    def tag(self, image: Image, reference: Reference, *, event: bool = True) -> None:
        """Point a name at an image, whatever it named before.

        Args:
            image: the image.
            reference: the name; its tag is `latest` where it has none.
            event: whether to publish it.
        """
        with self.lock:
            self.references.set(reference.tagged, image.id)
            image = replace(self._images[image.id], tagged_at=clock.stamp())
            self._images[image.id] = image
            self._write_record(image)
        if event:
            self.publish("tag", image, reference.familiar)

    def _write_record(self, image: Image) -> None:
        hidden = image.id in self._hidden
        self._records.write(
            image.id, {"parent": image.parent, "tagged_at": image.tagged_at, "hidden": hidden}
        )

    # --- dropping

    def drop(self, image: Image) -> list[str]:
        """Remove an image, and the layers that no other image has; hide it if it is in use.

        Returns:
            The chain IDs that no image has any more, top first.
        """
        with self.lock:
            if self._containers.using_image(image.id):
                self._hidden.add(image.id)
                self._write_record(image)
            else:
                self._delete(image)
            used = {chain_id for other in self._images.values() for chain_id in other.chain_ids}
        return [chain_id for chain_id in reversed(image.chain_ids) if chain_id not in used]

    def drop_hidden(self) -> None:
        """Remove the hidden images that no container uses any more."""
        with self.lock:
            for image_id in list(self._hidden):
                if not self._containers.using_image(image_id):
                    self._delete(self._images[image_id])

    def _delete(self, image: Image) -> None:
        del self._images[image.id]
        self._hidden.discard(image.id)
        self._records.remove(image.id)
        self.blobs.remove(image.id)
        self._remove_unused(image.diff_ids)

    @contextlib.contextmanager
    def held(self, diff_ids: Sequence[str]) -> Iterator[None]:
        """Keep layers while an image is made of them; afterwards remove those that are unused."""
        with self.lock:
            self._held.update(diff_ids)
        try:
            yield
        finally:
            with self.lock:
                self._held -= Counter(diff_ids)
                self._remove_unused(diff_ids)

    def _remove_unused(self, diff_ids: Iterable[str]) -> None:
        used = {diff_id for image in self._images.values() for diff_id in image.diff_ids}
        for diff_id in set(diff_ids) - used - self._held.keys():
            if self.layers.has(diff_id):
                self.layers.remove(diff_id)
                self.sources.forget(diff_id)

    # --- sizes

    def size(self, image: Image) -> int:
        """Return the bytes of the files of all its layers."""
        return sum(self.layers.get(diff_id).size for diff_id in image.diff_ids)

    def layers_size(self) -> int:
        """Return the bytes of all layers, counted once for each chain ID as dockerd does.

        A layer that an image has twice thus counts twice, as it does in the image's size.
        """
        chains = {
            chain_id: diff_id
            for image in list(self._images.values())
            for chain_id, diff_id in zip(image.chain_ids, image.diff_ids, strict=True)
        }
        return sum(self.layers.get(diff_id).size for diff_id in chains.values())

    # --- events

    def publish(self, action: str, image: Image, name: str = "") -> None:
        """Publish what happened to an image, named by its ID if no name is given."""
        attributes = {**image.labels, "name": name or image.id}
        self._events.publish("image", action, image.id, attributes)

    def publish_transfer(self, action: str, image: Image, reference: Reference) -> None:
        """Publish that an image was pulled or pushed; such an event's actor is the name."""
        attributes = {**image.labels, "name": reference.familiar_name}
        self._events.publish("image", action, reference.familiar, attributes)
