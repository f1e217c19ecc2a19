"""Pulling images: layers side by side, each checked, gone on with where it was cut off.

source: Engine API, ImageCreate; moby distribution/pull_v2.go.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...wire import digest
from ..errors import ApiError, BadParameter, Forbidden, NotFound, Unauthorized
from ..images.image import Platform, host_platform, parse_config
from .client import Registry
from .manifests import Manifest, fetch, for_platform, scope_of

if TYPE_CHECKING:
    from ...wire.reference import Reference
    from ..engine import Engine
    from ..images.blobs import BlobWriter
    from .client import Answer
    from .credentials import Credentials

Message = dict[str, Any]
_AT_ONCE = 3
_READ = 1 << 18
_TELL_EVERY = 1 << 20
#: How often a layer may be cut off without having come this much further, in bytes.
_TRIES = 5
_FURTHER = 1 << 20
_MOST_CONFIG = 8 << 20


def pull(
    engine: Engine,
    reference: Reference,
    credentials: Credentials,
    platform: Platform | None,
    *,
    every: bool,
) -> Iterator[Message | None]:
    """Pull an image, or all tags of a repository; gives the API's messages.

    Raises:
        BadParameter: it is what images begin from, and none.
        NotFound: there is no such image.
        Unauthorized: it may not be had.
        ApiError: the registry does not answer, or sends what it should not.
    """
    if reference.familiar_name == "scratch":
        raise BadParameter("'scratch' is a reserved name")
    registry = Registry(reference.domain, credentials, engine.state.root)
    newer = False
    try:
        for tag in _tags(registry, reference) if every else [""]:
            one = replace(reference, tag=tag) if tag else reference
            newer = (yield from _pull_one(engine, registry, one, platform)) or newer
    except (Unauthorized, Forbidden) as fault:
        raise NotFound(
            f"pull access denied for {reference.familiar_name}, repository does not exist or"
            f" may require 'docker login': {fault}"
        ) from fault
    words = "Downloaded newer image for" if newer else "Image is up to date for"
    yield {"status": f"Status: {words} {reference.familiar}"}
    if platform is not None and not every:
        try:
            engine.images.resolve(reference.familiar.removesuffix(":latest"), platform)
        except NotFound as fault:  # a registry may have the image for another platform alone
            yield {"status": f"WARNING: {fault}"}


def _tags(registry: Registry, reference: Reference) -> list[str]:
    path = f"/v2/{reference.path}/tags/list"
    try:
        with registry.get(path, scope=scope_of(reference, "pull")) as answer:
            return list(json.loads(answer.read()).get("tags") or [])
    except NotFound as fault:
        raise NotFound(f"repository {reference.familiar_name} not found: {fault}") from fault


def _pull_one(
    engine: Engine, registry: Registry, reference: Reference, platform: Platform | None
) -> Generator[Message | None, None, bool]:
    """Pull one tag or digest: messages, then whether it means another image now."""
    name = reference.digest or reference.tag or "latest"
    try:
        top = fetch(registry, reference, name)
    except NotFound as fault:
        raise NotFound(f"manifest for {reference.familiar} not found: {fault}") from fault
    shown = str(reference) if reference.digest else name
    yield {"status": f"Pulling from {reference.path}", "id": shown}
    wanted = platform or host_platform()
    manifest = for_platform(registry, reference, top, wanted)
    config_digest, _ = manifest.parts()
    before = engine.images.references.get(reference)
    if not engine.images.has(config_digest):
        yield from _fetch(engine, registry, reference, manifest)
    image = engine.images.get(config_digest)
    yield {"status": f"Digest: {top.digest}"}
    engine.images.references.set(replace(reference, tag=None, digest=top.digest), image.id)
    if not reference.digest:
        engine.images.tag(image, reference, event=False)
    engine.images.log_transfer("pull", image, reference)
    return before != image.id


def _fetch(
    engine: Engine, registry: Registry, reference: Reference, manifest: Manifest
) -> Iterator[Message | None]:
    wanted, layers = manifest.parts()
    config = _config(registry, reference, wanted)
    diff_ids = parse_config(config)["rootfs"]["diff_ids"]
    if len(layers) != len(diff_ids):
        raise ApiError("invalid manifest: another number of layers than the image has")
    work = _Work(engine, registry, reference)
    missing: dict[str, dict[str, Any]] = {}
    with engine.images.held(diff_ids):
        for layer, diff_id in zip(layers, diff_ids, strict=True):
            if engine.images.layers.has(diff_id):
                yield _message(layer, "Already exists")
            elif diff_id not in missing:  # one that comes twice is fetched once
                missing[diff_id] = layer
                yield _message(layer, "Pulling fs layer")
        yield from work.run(missing)
        engine.images.sources.add(diff_ids, reference)
        engine.images.add(config)


def _config(registry: Registry, reference: Reference, wanted: str) -> bytes:
    path = f"/v2/{reference.path}/blobs/{wanted}"
    with registry.get(path, scope=scope_of(reference, "pull")) as answer:
        data = answer.read(_MOST_CONFIG)
    if digest.of(data) != wanted:
        raise ApiError(f"image config verification failed for digest {wanted}")
    return data


def _message(layer: dict[str, Any], status: str, **more: Any) -> Message:
    return {"status": status, "progressDetail": more, "id": digest.hex_of(layer["digest"])[:12]}


class _Work:
    """Layers that are fetched and unpacked side by side; what they say comes out in one place."""

    def __init__(self, engine: Engine, registry: Registry, reference: Reference) -> None:
        self._engine = engine
        self._registry = registry
        self._reference = reference
        self._said: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def run(self, layers: dict[str, dict[str, Any]]) -> Iterator[Message | None]:
        """Fetch layers, given by diff ID as the manifest describes them."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            futures = [pool.submit(self._one, layer, diff_id) for diff_id, layer in layers.items()]
            try:
                while not all(each.done() for each in futures):
                    try:
                        yield self._said.get(timeout=0.5)
                    except queue.Empty:
                        yield None
                    if any(each.done() and each.exception() for each in futures):
                        break
            finally:
                self._stopped.set()
                for each in futures:
                    each.cancel()
        while not self._said.empty():
            yield self._said.get()
        for each in futures:
            if not each.cancelled():
                each.result()

    def _one(self, layer: dict[str, Any], diff_id: str) -> None:
        if self._stopped.is_set():
            return
        store = self._engine.images
        blob = layer["digest"]
        if not store.blobs.has(blob):
            self._download(layer)
        self._said.put(_message(layer, "Download complete"))
        size = store.blobs.path(blob).stat().st_size
        self._said.put(_message(layer, "Extracting", current=size, total=size))
        try:
            store.layers.add(blob, layer.get("mediaType") or "", diff_id)
        except BaseException as error:
            store.blobs.remove(blob)
            if isinstance(error, digest.DigestError):
                raise ApiError(f"layer verification failed: {error}") from error
            raise
        self._said.put(_message(layer, "Pull complete"))

    def _download(self, layer: dict[str, Any]) -> None:
        with self._engine.images.blobs.writer() as writer:
            self._fetch(layer, writer)
            self._said.put(_message(layer, "Verifying Checksum"))
            try:
                writer.commit(layer["digest"])
            except digest.DigestError as error:
                words = f"filesystem layer verification failed for digest {layer['digest']}"
                raise ApiError(words) from error

    def _fetch(self, layer: dict[str, Any], writer: BlobWriter) -> None:
        """Fetch a blob, going on where it is cut off, for as long as that leads anywhere."""
        left, far = _TRIES, 0
        while True:
            try:
                self._try(layer, writer)
            except (Unauthorized, Forbidden, NotFound):
                raise
            except ApiError:
                left -= 1
                if writer.size >= far + _FURTHER:
                    left, far = _TRIES, writer.size
                if not left or self._stopped.wait(0.1 * 2 ** (_TRIES - left)):
                    raise
            else:
                return

    def _try(self, layer: dict[str, Any], writer: BlobWriter) -> None:
        headers = {"Range": f"bytes={writer.size}-"} if writer.size else {}
        path = f"/v2/{self._reference.path}/blobs/{layer['digest']}"
        scope = scope_of(self._reference, "pull")
        with self._registry.get(path, scope=scope, headers=headers) as answer:
            if answer.status != 206:
                writer.restart()
            self._receive(answer, layer, writer)

    def _receive(self, answer: Answer, layer: dict[str, Any], writer: BlobWriter) -> None:
        total = int(layer.get("size") or 0)
        told = 0
        while data := answer.read_some(_READ):
            if self._stopped.is_set():
                raise ApiError("the pull was cancelled")
            writer.write(data)
            if total and writer.size > total:
                writer.restart()
                raise ApiError(f"layer {layer['digest']} is longer than its manifest says")
            if writer.size - told >= _TELL_EVERY or writer.size == total:
                told = writer.size
                self._said.put(_message(layer, "Downloading", current=told, total=total))
        if writer.size < total:
            raise ApiError(f"unexpected EOF: layer {layer['digest']} ended early")
