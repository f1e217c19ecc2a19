"""Pull images.

source: Engine API, ImageCreate; moby distribution/pull_v2.go.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from ...wire import digest
from ...wire.reference import Reference
from ..api.untrusted_json import parse_json
from ..errors import ApiError, BadParameter, Forbidden, NotFound, Unauthorized
from ..images.config import parse_config
from ..images.oci import Descriptor
from ..images.platforms import Platform, host_platform
from ..images.store import ImageStore
from .client import Registry
from .downloads import LayerDownloads
from .manifests import fetch, for_platform, scope_of
from .progress import Message, layer_message

_MAX_CONFIG = _MAX_TAGS = 8 << 20
_Messages = Iterator[Message]


def pull(
    store: ImageStore,
    registry: Registry,
    reference: Reference,
    platform: Platform | None,
    *,
    all_tags: bool,
) -> _Messages:
    """Pull an image, or all tags of a repository; see `service.Registries.pull`."""
    if reference.familiar_name == "scratch":
        raise BadParameter("'scratch' is a reserved name")
    changed = False
    try:
        tags = _tags(registry, reference) if all_tags else [reference.tag]
        for tag in tags:
            image = _ImagePull(store, registry, reference._replace(tag=tag))
            changed = (yield from image.run(platform or host_platform())) or changed
    except (Unauthorized, Forbidden) as error:
        raise NotFound(
            f"pull access denied for {reference.familiar_name}, repository does not exist or"
            f" may require 'docker login': {error}"
        ) from error
    status = "Downloaded newer image for" if changed else "Image is up to date for"
    yield {"status": f"Status: {status} {reference.familiar}"}
    if platform is not None and not all_tags:
        try:
            store.resolve(reference.familiar, platform)
        except NotFound as error:  # a manifest without an index may be for another platform
            yield {"status": f"WARNING: {error}"}


def _tags(registry: Registry, reference: Reference) -> list[str]:
    path = f"/v2/{reference.path}/tags/list"
    try:
        with registry.get(path, scope=scope_of(reference, "pull")) as response:
            return list(parse_json(response.document(_MAX_TAGS)).get("tags") or [])
    except NotFound as error:
        raise NotFound(f"repository {reference.familiar_name} not found: {error}") from error


class _ImagePull:
    """The pull of one tag or digest."""

    def __init__(self, store: ImageStore, registry: Registry, reference: Reference) -> None:
        self._store = store
        self._registry = registry
        self._reference = reference
        self._scope = scope_of(reference, "pull")

    def run(self, platform: Platform) -> Generator[Message, None, bool]:
        """Pull it; return whether the name means another image than before."""
        store, reference = self._store, self._reference
        name = reference.digest or reference.tag or "latest"
        try:
            top = fetch(self._registry, reference, name)
        except NotFound as error:
            raise NotFound(f"manifest for {reference.familiar} not found: {error}") from error
        shown = str(reference) if reference.digest else name
        yield {"status": f"Pulling from {reference.path}", "id": shown}
        manifest = for_platform(self._registry, reference, top, platform)
        image_id, layers = manifest.parts()
        before = store.references.get(reference)
        if not store.has(image_id):
            yield from self._fetch(image_id, layers)
        image = store.get(image_id)
        yield {"status": f"Digest: {top.digest}"}
        store.references.set(reference._replace(tag=None, digest=top.digest), image_id)
        if not reference.digest:
            store.tag(image, reference, event=False)
        store.publish_transfer("pull", image, reference)
        return before != image_id

    def _fetch(self, image_id: str, layers: list[Descriptor]) -> _Messages:
        """Fetch the configuration and the missing layers, and add the image."""
        store = self._store
        config = self._config(image_id)
        diff_ids = parse_config(config)["rootfs"]["diff_ids"]
        if len(layers) != len(diff_ids):
            raise ApiError("invalid manifest: another number of layers than the image has")
        missing: dict[str, Descriptor] = {}
        with store.held(diff_ids):
            for layer, diff_id in zip(layers, diff_ids, strict=True):
                if store.layers.has(diff_id):
                    yield layer_message(layer["digest"], "Already exists")
                elif diff_id not in missing:  # a layer that comes twice is fetched once
                    missing[diff_id] = layer
                    yield layer_message(layer["digest"], "Pulling fs layer")
            downloads = LayerDownloads(store, self._registry, self._reference)
            yield from downloads.run(missing)
            store.sources.add(diff_ids, self._reference)
            store.add(config)

    def _config(self, image_id: str) -> bytes:
        path = f"/v2/{self._reference.path}/blobs/{image_id}"
        with self._registry.get(path, scope=self._scope) as response:
            data = response.document(_MAX_CONFIG)
        if digest.of(data) != image_id:
            raise ApiError(f"image config verification failed for digest {image_id}")
        return data
