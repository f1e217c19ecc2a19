"""Fetch manifests: which layers an image has, for which platform.

source: OCI distribution specification, "Pulling manifests"; images/oci.py has the formats.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from ...wire import digest
from ...wire.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from ...wire.reference import Reference
from ..api.untrusted_json import parse_json
from ..errors import ApiError, BadParameter, NotFound
from ..images.oci import Descriptor, platform_of
from ..images.platforms import Platform
from .client import Registry

_KINDS = (DOCKER_MANIFEST, DOCKER_INDEX, OCI_MANIFEST, OCI_INDEX)
_ACCEPT = {"Accept": ", ".join(_KINDS)}
_MAX_SIZE = 4 << 20


@dataclass(frozen=True)
class Manifest:
    """A manifest or an index as it came.

    Attributes:
        value: the JSON object, whose content is not checked yet.
        digest: of its bytes.
        kind: its media type.
        size: in bytes.
    """

    value: dict[str, Any]
    digest: str
    kind: str
    size: int

    def parts(self) -> tuple[str, list[Descriptor]]:
        """Return the digest of an image's configuration, and its layers.

        Raises:
            ApiError: not an image's manifest.
        """
        try:
            layers = self.value.get("layers") or []
            for layer in layers:
                digest.check(layer["digest"])
                operator.index(layer.get("size", 0))
            return digest.check(self.value["config"]["digest"]), layers
        except (KeyError, TypeError, AttributeError, digest.DigestError) as error:
            raise ApiError(f"invalid manifest: {error}") from error

    @property
    def is_index(self) -> bool:
        """Whether it lists manifests for several platforms."""
        return self.kind in {DOCKER_INDEX, OCI_INDEX} or "manifests" in self.value

    def entries(self) -> list[Descriptor]:
        """Return the manifests that an index lists.

        Raises:
            ApiError: not an index.
        """
        entries = self.value.get("manifests") or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ApiError("invalid manifest: expected a list of manifests")
        return entries


def scope_of(reference: Reference, actions: str) -> str:
    """Return the scope of a token for `pull` or `push,pull` of a repository."""
    return f"repository:{reference.path}:{actions}"


def fetch(registry: Registry, reference: Reference, name: str) -> Manifest:
    """Fetch a manifest.

    Args:
        registry: the reference's.
        reference: the repository.
        name: a tag or a digest.

    Raises:
        NotFound: no such manifest.
        BadParameter: a format that this engine does not know.
        ApiError: it is damaged, or has another digest.
    """
    path = f"/v2/{reference.path}/manifests/{name}"
    with registry.get(path, scope=scope_of(reference, "pull"), headers=_ACCEPT) as response:
        data = response.document(_MAX_SIZE)
        kind = (response.headers.get("Content-Type") or "").split(";")[0]
    actual = digest.of(data)
    if ":" in name and actual != name:
        raise ApiError(f"manifest verification failed for digest {name}")
    try:
        value = parse_json(data)
    except ValueError as error:
        raise ApiError(f"invalid manifest: {error}") from error
    if not isinstance(value, dict) or value.get("schemaVersion") != 2:
        raise BadParameter(f"unsupported manifest format of {reference.familiar}")
    return Manifest(value, actual, value.get("mediaType") or kind, len(data))


def for_platform(
    registry: Registry, reference: Reference, manifest: Manifest, platform: Platform
) -> Manifest:
    """Return the manifest for one platform: of an index, its best match.

    Raises:
        NotFound: the image is not built for it.
        ApiError: as `fetch`.
    """
    if not manifest.is_index:
        return manifest
    fitting = [entry for entry in manifest.entries() if platform.accepts(platform_of(entry))]
    if not fitting:
        raise NotFound(f"no matching manifest for {platform} in the manifest list entries")
    exact = [entry for entry in fitting if platform_of(entry).variant == platform.variant]
    return fetch(registry, reference, _digest_of((exact or fitting)[0]))


def _digest_of(entry: Descriptor) -> str:
    try:
        return digest.check(entry["digest"])
    except (KeyError, digest.DigestError) as error:
        raise ApiError(f"invalid manifest: {error}") from error
