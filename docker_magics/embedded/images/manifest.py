"""The OCI manifest of a stored image: the one that docker save writes.

source: OCI image specification, manifest.md; Engine API, ImageManifestSummary.
"""

from __future__ import annotations

import json
from typing import TypedDict

from ...wire import digest
from ...wire.media_types import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from .image import Image
from .oci import Descriptor, ImageManifest, PlatformJson, platform_json
from .store import ImageStore


class ContentSize(TypedDict):
    """Bytes of the manifest, the configuration and the layers' archives; and bytes on the disk."""

    Content: int
    Total: int


class UnpackedSize(TypedDict):
    """Bytes of the layers' files."""

    Unpacked: int


class ImageData(TypedDict):
    """Platform and containers (IDs) of a manifest of kind `image`."""

    Platform: PlatformJson
    Containers: list[str]
    Size: UnpackedSize


class ManifestSummary(TypedDict):
    """The API's ImageManifestSummary."""

    ID: str
    Descriptor: Descriptor
    Available: bool
    Kind: str
    Size: ContentSize
    ImageData: ImageData


def dump(image: Image, config: bytes, sizes: list[int]) -> bytes:
    """Return the manifest.

    Args:
        image: the image.
        config: its configuration.
        sizes: the bytes of its layers' uncompressed archives, bottom first.
    """
    layers: list[Descriptor] = [
        {"mediaType": OCI_LAYER, "digest": diff_id, "size": size}
        for diff_id, size in zip(image.diff_ids, sizes, strict=True)
    ]
    manifest: ImageManifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": image.id, "size": len(config)},
        "layers": layers,
    }
    return json.dumps(manifest, separators=(",", ":")).encode()  # without spaces, as Go writes it


def descriptor_of(manifest: bytes) -> Descriptor:
    """Return the descriptor of a manifest."""
    return {"mediaType": OCI_MANIFEST, "digest": digest.of(manifest), "size": len(manifest)}


def summaries(store: ImageStore, image: Image) -> list[ManifestSummary]:
    """Return the image's one manifest; none if an older version of the engine stored a layer.

    The content is what docker save writes. It is joined from the unpacked files when it is needed,
    and takes no space beside them.
    """
    layers = [store.layers.get(diff_id) for diff_id in image.diff_ids]
    known = [layer.archive_size for layer in layers if layer.archive_size is not None]
    if len(known) < len(layers):
        return []
    config = store.blobs.read(image.id)
    manifest = dump(image, config, known)
    content = sum(known) + len(config) + len(manifest)
    unpacked = sum(layer.size for layer in layers)
    return [
        {
            "ID": digest.of(manifest),
            "Descriptor": descriptor_of(manifest),
            "Available": True,
            "Kind": "image",
            "Size": {"Content": content, "Total": unpacked},
            "ImageData": {
                "Platform": platform_json(image.platform),
                "Containers": store.users(image),
                "Size": {"Unpacked": unpacked},
            },
        }
    ]
