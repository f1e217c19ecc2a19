"""Manifests and indexes: which blobs make up an image, for which platform.

source: OCI image specification, descriptor.md, manifest.md, image-index.md, image-layout.md; Docker
image manifest v2, schema 2.
"""

from __future__ import annotations

from typing import NotRequired, Required, TypedDict

from ...wire import digest
from ..errors import BadParameter
from .platforms import Platform

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip"

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
