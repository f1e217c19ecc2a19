"""What a registry has of an image, without pulling it.

source: Engine API, DistributionInspect; moby api/server/router/distribution.
"""

from __future__ import annotations

from typing import TypedDict, cast

from ...wire.reference import Reference
from ..api.untrusted_json import parse_json
from ..errors import ApiError
from ..images.oci import Descriptor, PlatformJson
from .client import Registry
from .manifests import fetch, scope_of

_MAX_CONFIG = 8 << 20


class DistributionInspect(TypedDict):
    """The API's DistributionInspect."""

    Descriptor: Descriptor
    Platforms: list[PlatformJson]


def inspect_remote(registry: Registry, reference: Reference) -> DistributionInspect:
    """Return the API's answer.

    Raises:
        NotFound: no such image.
        Unauthorized: the user may not see it.
        ApiError: the registry does not answer, or sends an invalid manifest.
    """
    manifest = fetch(registry, reference, reference.digest or reference.tag or "latest")
    descriptor: Descriptor = {
        "mediaType": manifest.kind,
        "digest": manifest.digest,
        "size": manifest.size,
    }
    if manifest.is_index:
        platforms = [entry.get("platform") or {} for entry in manifest.entries()]
        return {"Descriptor": descriptor, "Platforms": platforms}
    config, _ = manifest.parts()
    return {"Descriptor": descriptor, "Platforms": [_platform(registry, reference, config)]}


def _platform(registry: Registry, reference: Reference, config: str) -> PlatformJson:
    """Return the platform that an image's configuration states."""
    path = f"/v2/{reference.path}/blobs/{config}"
    with registry.get(path, scope=scope_of(reference, "pull")) as response:
        data = response.document(_MAX_CONFIG)
    try:
        value = parse_json(data)
        platform = {key: value.get(key) for key in ("architecture", "os", "variant")}
    except (ValueError, AttributeError) as error:
        raise ApiError(f"invalid image configuration: {error}") from error
    return cast("PlatformJson", {key: field for key, field in platform.items() if field})
