"""Manifests: which layers an image has, for which platform.

source: OCI image specification, manifest.md, image-index.md; Docker image manifest v2, schema 2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...wire import digest
from ...wire.reference import Reference
from ..errors import ApiError, BadParameter, NotFound
from ..images.image import Platform
from .client import MANIFESTS, Registry

_LISTS = {
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
}
_MOST = 4 << 20
_ACCEPT = {"Accept": ", ".join(MANIFESTS)}


@dataclass(frozen=True)
class Manifest:
    """A manifest as it came.

    Attributes:
        value: its JSON.
        digest: of its bytes.
        kind: its media type.
        size: in bytes.
    """

    value: dict[str, Any]
    digest: str
    kind: str
    size: int

    def parts(self) -> tuple[str, list[dict[str, Any]]]:
        """The digest of an image's configuration, and its layers.

        Raises:
            ApiError: it is no image's.
        """
        try:
            layers = self.value.get("layers") or []
            for layer in layers:
                digest.check(layer["digest"])
            return digest.check(self.value["config"]["digest"]), layers
        except (KeyError, TypeError, AttributeError, digest.DigestError) as error:
            raise ApiError(f"invalid manifest: {error}") from error

    @property
    def is_list(self) -> bool:
        """Whether it lists manifests for several platforms."""
        return self.kind in _LISTS or "manifests" in self.value


def scope_of(reference: Reference, actions: str) -> str:
    """What a token is to allow."""
    return f"repository:{reference.path}:{actions}"


def fetch(registry: Registry, reference: Reference, name: str) -> Manifest:
    """The manifest of a tag or a digest.

    Raises:
        NotFound: there is none.
        ApiError: it is damaged, or has another digest.
    """
    path = f"/v2/{reference.path}/manifests/{name}"
    with registry.get(path, scope=scope_of(reference, "pull"), headers=_ACCEPT) as answer:
        data = answer.read(_MOST + 1)
        kind = (answer.headers.get("Content-Type") or "").split(";")[0]
    if len(data) > _MOST:
        raise ApiError("manifest is too large")
    found = digest.of(data)
    if ":" in name and found != name:
        raise ApiError(f"manifest verification failed for digest {name}")
    try:
        value = json.loads(data)
    except ValueError as error:
        raise ApiError(f"invalid manifest: {error}") from error
    if not isinstance(value, dict) or value.get("schemaVersion") != 2:
        raise BadParameter(f"unsupported manifest format of {reference.familiar}")
    return Manifest(value, found, value.get("mediaType") or kind, len(data))


def for_platform(
    registry: Registry, reference: Reference, manifest: Manifest, platform: Platform
) -> Manifest:
    """The manifest of one platform, out of a list.

    Raises:
        NotFound: the image is not made for it.
    """
    if not manifest.is_list:
        return manifest
    fitting = [
        each
        for each in manifest.value.get("manifests") or []
        if platform.accepts(_platform(each.get("platform") or {}))
    ]
    exact = [e for e in fitting if (e.get("platform") or {}).get("variant", "") == platform.variant]
    if not fitting:
        raise NotFound(f"no matching manifest for {platform} in the manifest list entries")
    chosen = (exact or fitting)[0]
    return fetch(registry, reference, digest.check(chosen["digest"]))


def _platform(found: dict[str, str]) -> Platform:
    return Platform(found.get("os", ""), found.get("architecture", ""), found.get("variant", ""))
