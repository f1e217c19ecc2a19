"""Pushing images.

source: Engine API, ImagePush; OCI distribution specification, "Push"; moby distribution/push_v2.go.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from ...wire import digest
from ..errors import ApiError, Forbidden, NotFound, Unauthorized
from .client import Registry
from .manifests import scope_of

if TYPE_CHECKING:
    from ...wire.reference import Reference
    from ..engine import Engine
    from ..images.image import Image
    from ..images.layers import Layer
    from .credentials import Credentials

Message = dict[str, Any]
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
_READ = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


def push(
    engine: Engine, reference: Reference, credentials: Credentials
) -> Iterator[Message | None]:
    """Push an image, or all tags of a repository; gives the API's messages.

    Raises:
        NotFound: there is no such image.
        ApiError: the registry refuses, or does not answer.
    """
    store = engine.images
    yield {"status": f"The push refers to repository [{reference.name}]"}
    known = store.references.tags(reference.name)
    if not known:
        name = reference.familiar_name
        raise NotFound(f"An image does not exist locally with the tag: {name}")
    registry = Registry(reference.domain, credentials, engine.state.root)
    registry.ping()
    if reference.tag and store.references.get(reference) is None:
        raise NotFound(f"tag does not exist: {reference.familiar}")
    for each in [reference] if reference.tag else known:
        image = store.get(store.references.get(each) or "")
        try:
            yield from _Push(engine, registry, each).run(image)
        except (Unauthorized, Forbidden) as fault:
            raise ApiError(
                f"denied: requested access to the resource is denied ({fault})"
            ) from fault


class _Push:
    def __init__(self, engine: Engine, registry: Registry, reference: Reference) -> None:
        self._engine = engine
        self._registry = registry
        self._reference = reference
        self._scope = scope_of(reference, "push,pull")

    def run(self, image: Image) -> Iterator[Message | None]:
        store = self._engine.images
        layers = [store.layers.get(each) for each in image.diff_ids]
        for layer in reversed(layers):
            yield _message(layer, "Preparing")
        described: dict[str, dict[str, Any]] = {}
        for layer in dict.fromkeys(layers):
            described[layer.diff_id] = yield from self._layer(layer)
            store.sources.add([layer.diff_id], self._reference)
        config = store.blobs.read(image.id)
        if not self._has(image.id):
            self._upload(config, image.id, len(config))
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": {"mediaType": _CONFIG, "size": len(config), "digest": image.id},
                "layers": [described[layer.diff_id] for layer in layers],
            },
            indent=3,
        ).encode()
        tag = self._reference.tag or "latest"
        self._put_manifest(manifest, tag)
        found = digest.of(manifest)
        by_digest = replace(self._reference, tag=None, digest=found)
        store.references.set(by_digest, image.id)
        store.log_transfer("push", image, self._reference)
        yield {"status": f"{tag}: digest: {found} size: {len(manifest)}"}
        yield {"progressDetail": {}, "aux": {"Tag": tag, "Digest": found, "Size": len(manifest)}}

    def _layer(self, layer: Layer) -> Generator[Message | None, None, dict[str, Any]]:
        """Send a layer that the registry does not have; gives its entry in the manifest."""
        if layer.blob is not None and self._has(layer.blob):
            size = self._engine.images.blobs.path(layer.blob).stat().st_size
            if self._kind(layer):
                yield _message(layer, "Layer already exists")
                return {"mediaType": self._kind(layer), "size": size, "digest": layer.blob}
        with self._compressed(layer) as file:
            name, size = _digest(file)
            if self._has(name):
                yield _message(layer, "Layer already exists")
            elif other := self._mounted(layer, name):
                yield _message(layer, f"Mounted from {other}")
            else:
                yield _message(layer, "Pushing", current=0, total=size)
                self._upload(file, name, size)
                yield _message(layer, "Pushing", current=size, total=size)
                yield _message(layer, "Pushed")
        return {"mediaType": self._kind(layer) or _LAYER, "size": size, "digest": name}

    def _kind(self, layer: Layer) -> str:
        """The media type of the archive a layer came as; empty where that was not compressed."""
        if layer.blob is None:
            return ""
        with self._engine.images.blobs.open(layer.blob) as file:
            head = file.read(4)
        if head.startswith(b"\x1f\x8b"):
            return _LAYER
        return _ZSTD if head == b"\x28\xb5\x2f\xfd" else ""

    def _compressed(self, layer: Layer) -> IO[bytes]:
        store = self._engine.images
        if layer.blob is not None and self._kind(layer):
            return store.blobs.open(layer.blob)
        file = tempfile.TemporaryFile(dir=self._engine.state.tmp)  # noqa: SIM115 - the caller's
        packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        for piece in store.layers.packed(layer):
            file.write(packer.compress(piece))
        file.write(packer.flush())
        file.seek(0)
        return file

    def _has(self, name: str) -> bool:
        path = f"/v2/{self._reference.path}/blobs/{name}"
        try:
            self._registry.request("HEAD", path, scope=self._scope).close()
        except NotFound:
            return False
        return True

    def _mounted(self, layer: Layer, name: str) -> str:
        """The repository of the same registry that the layer was taken over from, if any."""
        for other in self._engine.images.sources.others(layer.diff_id, self._reference):
            path = f"/v2/{self._reference.path}/blobs/uploads/?mount={name}&from={other}"
            scope = f"{self._scope} repository:{other}:pull"
            with self._registry.request("POST", path, scope=scope, body=b"") as answer:
                if answer.status == 201:
                    return other
        return ""

    def _upload(self, file: Any, name: str, size: int) -> None:
        path = f"/v2/{self._reference.path}/blobs/uploads/"
        with self._registry.request("POST", path, scope=self._scope, body=b"") as answer:
            location = answer.headers.get("Location") or path
        separator = "&" if "?" in location else "?"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._registry.request(
            "PUT",
            f"{location}{separator}digest={name}",
            scope=self._scope,
            headers=headers,
            body=file,
        ).close()

    def _put_manifest(self, manifest: bytes, tag: str) -> None:
        self._registry.request(
            "PUT",
            f"/v2/{self._reference.path}/manifests/{tag}",
            scope=self._scope,
            headers={"Content-Type": _MANIFEST},
            body=manifest,
        ).close()


def _digest(file: IO[bytes]) -> tuple[str, int]:
    hashed = hashlib.sha256()
    size = 0
    while data := file.read(_READ):
        hashed.update(data)
        size += len(data)
    file.seek(0)
    return digest.PREFIX + hashed.hexdigest(), size


def _message(layer: Layer, status: str, **more: int) -> Message:
    return {"status": status, "progressDetail": more, "id": digest.hex_of(layer.diff_id)[:12]}
