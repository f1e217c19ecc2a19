"""Push images.

source: Engine API, ImagePush; OCI distribution specification, "Push"; moby distribution/push_v2.go.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

from ...wire import digest
from ...wire.media_types import DOCKER_CONFIG, DOCKER_LAYER_GZIP, DOCKER_MANIFEST
from ...wire.reference import Reference
from ..errors import ApiError, Forbidden, NotFound, Unauthorized
from ..images.image import Image
from ..images.layers import Layer, named_in_error
from ..images.oci import Descriptor, ImageManifest
from ..images.store import ImageStore
from .cancellation import CancellableFile
from .client import Registry
from .manifests import scope_of
from .progress import Message, layer_message

_Messages = Iterator[Message]
_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 6


def push(store: ImageStore, registry: Registry, reference: Reference, tmp: Path) -> _Messages:
    """Push an image, or all tags of a repository; see `service.Registries.push`."""
    yield {"status": f"The push refers to repository [{reference.name}]"}
    tags = store.references.tags(reference.name)
    if not tags:
        name = reference.familiar_name
        raise NotFound(f"An image does not exist locally with the tag: {name}")
    registry.ping()
    if reference.tag and store.references.get(reference) is None:
        raise NotFound(f"tag does not exist: {reference.familiar}")
    for tag in [reference] if reference.tag else tags:
        image = store.get(store.references.get(tag) or "")
        try:
            yield from _ImagePush(store, registry, tag, tmp).run(image)
        except (Unauthorized, Forbidden) as error:
            raise ApiError(
                f"denied: requested access to the resource is denied ({error})"
            ) from error


class _ImagePush:
    """The push of one tag."""

    def __init__(
        self, store: ImageStore, registry: Registry, reference: Reference, tmp: Path
    ) -> None:
        self._store = store
        self._registry = registry
        self._reference = reference
        self._tmp = tmp
        self._repository = f"/v2/{reference.path}"
        self._scope = scope_of(reference, "push,pull")

    def run(self, image: Image) -> _Messages:
        store = self._store
        for diff_id in reversed(image.diff_ids):
            yield layer_message(diff_id, "Preparing")
        descriptors: dict[str, Descriptor] = {}
        for diff_id in dict.fromkeys(image.diff_ids):
            with named_in_error(f"push {self._reference.familiar}"):
                descriptors[diff_id] = yield from self._push_layer(store.layers.get(diff_id))
            store.sources.add([diff_id], self._reference)
        config = store.blobs.read(image.id)
        if not self._has(image.id):
            self._upload(config, image.id, len(config))
        manifest = _manifest(image, config, [descriptors[diff_id] for diff_id in image.diff_ids])
        tag = self._reference.tag or "latest"
        self._put_manifest(manifest, tag)
        name, size = digest.of(manifest), len(manifest)
        store.references.set(self._reference._replace(tag=None, digest=name), image.id)
        store.publish_transfer("push", image, self._reference)
        yield {"status": f"{tag}: digest: {name} size: {size}"}
        yield {"progressDetail": {}, "aux": {"Tag": tag, "Digest": name, "Size": size}}

    def _push_layer(self, layer: Layer) -> Generator[Message, None, Descriptor]:
        """Send a layer unless the registry has it; return its descriptor.

        It may have an archive that is compressed differently, such as the one that was pulled.
        """
        for known in layer.blobs:
            if status := self._status_in_registry(layer, known["digest"]):
                yield layer_message(layer.diff_id, status)
                return known
        with self._compressed(layer) as file:
            name, size = _digest(file)
            if status := self._status_in_registry(layer, name):
                yield layer_message(layer.diff_id, status)
            else:
                yield layer_message(layer.diff_id, "Pushing", current=0, total=size)
                body = CancellableFile(file, self._registry.cancellation)
                self._upload(body, name, size)
                yield layer_message(layer.diff_id, "Pushing", current=size, total=size)
                yield layer_message(layer.diff_id, "Pushed")
        blob: Descriptor = {"mediaType": DOCKER_LAYER_GZIP, "size": size, "digest": name}
        self._store.layers.add_blob(layer, blob)
        return blob

    def _status_in_registry(self, layer: Layer, name: str) -> str:
        """Return how the repository has an archive, perhaps mounted now; empty if it has not."""
        if self._has(name):
            return "Layer already exists"
        if source := self._mount(layer, name):
            return f"Mounted from {source}"
        return ""

    @contextlib.contextmanager
    def _compressed(self, layer: Layer) -> Iterator[IO[bytes]]:
        """Compress a layer's archive into a temporary file."""
        with tempfile.TemporaryFile(dir=self._tmp) as file:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
            for piece in self._store.layers.packed(layer):
                file.write(packer.compress(piece))
            file.write(packer.flush())
            file.seek(0)
            yield file

    def _has(self, name: str) -> bool:
        """Whether the repository has a blob."""
        path = f"{self._repository}/blobs/{name}"
        try:
            self._registry.request("HEAD", path, scope=self._scope).close()
        except NotFound:
            return False
        return True

    def _mount(self, layer: Layer, name: str) -> str:
        """Let the registry take a blob over from another repository; return it, or empty."""
        for source in self._store.sources.others(layer.diff_id, self._reference):
            path = f"{self._repository}/blobs/uploads/?mount={name}&from={source}"
            scope = f"{self._scope} repository:{source}:pull"
            with self._registry.request("POST", path, scope=scope, body=b"") as response:
                if response.status == 201:
                    return source
        return ""

    def _upload(self, content: CancellableFile | bytes, name: str, size: int) -> None:
        path = f"{self._repository}/blobs/uploads/"
        with self._registry.request("POST", path, scope=self._scope, body=b"") as response:
            location = response.headers.get("Location") or path
        separator = "&" if "?" in location else "?"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._registry.request(
            "PUT",
            f"{location}{separator}digest={name}",
            scope=self._scope,
            headers=headers,
            body=content,
        ).close()

    def _put_manifest(self, manifest: bytes, tag: str) -> None:
        self._registry.request(
            "PUT",
            f"{self._repository}/manifests/{tag}",
            scope=self._scope,
            headers={"Content-Type": DOCKER_MANIFEST},
            body=manifest,
        ).close()


def _manifest(image: Image, config: bytes, layers: list[Descriptor]) -> bytes:
    manifest: ImageManifest = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {"mediaType": DOCKER_CONFIG, "size": len(config), "digest": image.id},
        "layers": layers,
    }
    return json.dumps(manifest, indent=3).encode()


def _digest(file: IO[bytes]) -> tuple[str, int]:
    """Return the digest and the bytes of a file, and rewind it."""
    hashed = hashlib.sha256()
    size = 0
    while data := file.read(_CHUNK):
        hashed.update(data)
        size += len(data)
    file.seek(0)
    return digest.PREFIX + hashed.hexdigest(), size
