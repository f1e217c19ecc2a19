"""The manifest of an image with its platform, as the CLI stores and prints it.

source: docker/cli, cli/manifest/types/types.go and internal/registryclient/fetcher.go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from docker_magics.commands._reference import parse_reference
from docker_magics.engine.registry import Manifest, NotInRegistry, Repository
from docker_magics.errors import RegistryError
from docker_magics.wire.media_types import DOCKER_INDEX, OCI_INDEX, OCI_MANIFEST
from docker_magics.wire.reference import Reference

_PLATFORM = ("architecture", "os", "os.version", "os.features", "variant")


def reference_of(text: str) -> Reference:
    """Return the reference of an operand, by default with the tag `latest`."""
    return parse_reference(text).tagged


def fetch(reference: Reference, *, insecure: bool) -> list[dict[str, Any]] | dict[str, Any]:
    """Return the manifest that a registry has, or those of a manifest list.

    Raises:
        RegistryError: the registry does not have it, or refuses.
    """
    repository = Repository(reference, insecure=insecure)
    try:
        manifest = repository.manifest(reference.digest or reference.tag or "")
    except NotInRegistry as error:
        raise RegistryError(f"no such manifest: {reference}") from error
    if not manifest.is_index:
        return _image(repository, reference, manifest)
    images = []
    for entry in manifest.value.get("manifests") or []:
        child = reference._replace(digest=entry["digest"])
        image = _image(repository, child, repository.manifest(entry["digest"]))
        image["Descriptor"]["platform"] = platform_fields(entry.get("platform") or {})
        images.append(image)
    return images


def fetch_one(reference: Reference, *, insecure: bool) -> dict[str, Any]:
    """Return the manifest of an image.

    Raises:
        RegistryError: it is a manifest list, or the registry does not have it.
    """
    image = fetch(reference, insecure=insecure)
    if isinstance(image, list):
        raise RegistryError(f"{reference} is a manifest list")
    return image


def _image(repository: Repository, reference: Reference, manifest: Manifest) -> dict[str, Any]:
    config = json.loads(repository.blob(manifest.value["config"]["digest"]))
    kind = "OCIManifest" if manifest.media_type == OCI_MANIFEST else "SchemaV2Manifest"
    return {
        "Ref": str(reference),
        "Descriptor": {
            "mediaType": manifest.media_type,
            "digest": manifest.digest,
            "size": len(manifest.data),
            "platform": platform_fields(config),
        },
        "Raw": base64.b64encode(manifest.data).decode(),
        kind: manifest.value,
    }


def platform_fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a platform in Go's order, the first two even if they are empty."""
    fields = {key: given[key] for key in _PLATFORM if given.get(key)}
    return {"architecture": "", "os": ""} | fields


def raw(image: dict[str, Any]) -> bytes:
    """Return the bytes of an image's manifest."""
    return base64.b64decode(image["Raw"])


def index_of(target: Reference, images: Sequence[dict[str, Any]]) -> Manifest:
    """Return the manifest list of images.

    Raises:
        RegistryError: an image is in another registry.

    source: distribution/manifest/manifestlist: FromDescriptors.
    """
    entries = []
    for image in images:
        domain = parse_reference(image["Ref"]).domain
        if domain != target.domain:
            raise RegistryError(
                "cannot use source images from a different registry than the target image:"
                f" {domain} != {target.domain}"
            )
        descriptor = image["Descriptor"]
        keys = ("mediaType", "size", "digest")
        entries.append(
            {key: descriptor[key] for key in keys}
            | {"platform": platform_fields(descriptor.get("platform") or {})}
        )
    is_oci = bool(entries) and entries[0]["mediaType"] == OCI_MANIFEST
    media_type = OCI_INDEX if is_oci else DOCKER_INDEX
    value = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
    return Manifest(go_json(value, "   ").encode(), media_type)


def go_json(value: Any, indent: str) -> str:
    """Return JSON as Go's json.MarshalIndent."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
