"""Manifests and indexes: which blobs make up an image, for which platform.

source: OCI image specification, descriptor.md, manifest.md, image-index.md, image-layout.md; Docker
image manifest v2, schema 2.
"""

from __future__ import annotations

from typing import NotRequired, Required, TypedDict

from ...wire import digest
from ...wire.media_types import DOCKER_LAYER_GZIP, OCI_LAYER_ZSTD
from ..errors import BadParameter
from .platforms import Platform

#: The media types of compressed layers as registries take them, by `compression.format_of`.
LAYER_KINDS = {"gzip": DOCKER_LAYER_GZIP, "zstd": OCI_LAYER_ZSTD}


class PlatformJson(TypedDict, total=False):
    """A platform in an index."""

    architecture: str
    os: str
    variant: str


class Descriptor(TypedDict, total=False):
    """A blob: its media type, digest and bytes."""

    mediaType: str
    digest: Required[str]
    size: int
    annotations: dict[str, str] | None
    platform: PlatformJson | None


class ImageManifest(TypedDict):
    """The configuration and the layers, bottom first, of one image."""

    schemaVersion: int
    mediaType: NotRequired[str]
    config: Descriptor
    layers: list[Descriptor]


class ImageIndex(TypedDict):
    """A manifest for each platform."""

    schemaVersion: int
    mediaType: NotRequired[str]
    manifests: list[Descriptor]


def platform_of(descriptor: Descriptor) -> Platform:
    """Return the platform of an index's entry.

    Raises:
        BadParameter: its platform has another shape.
    """
    value = descriptor.get("platform") or {}
    if not isinstance(value, dict):
        raise BadParameter("invalid manifest: expected an object as platform")
    os, architecture, variant = (
        str(value.get(key) or "") for key in ("os", "architecture", "variant")
    )
    return Platform(os, architecture, variant)


def platform_json(platform: Platform) -> PlatformJson:
    """Return a platform as an index has it, without an empty variant."""
    value: PlatformJson = {"architecture": platform.architecture, "os": platform.os}
    return {**value, "variant": platform.variant} if platform.variant else value


def blob_path(name: str) -> str:
    """Return a blob's path in an OCI layout.

    Raises:
        DigestError: the name is not a digest.
    """
    return f"blobs/sha256/{digest.hex_of(name)}"
