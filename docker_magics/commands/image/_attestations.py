"""--provenance, --sbom and --attest: statements about an image that are stored with it.

source: docker/buildx, util/buildflags/attests.go.
"""

from __future__ import annotations

from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.wire import go

#: The kind, `provenance` or `sbom`, and its attributes as CSV; None switches it off.
Attestation = tuple[str, str | None]


def _attestation(text: str) -> Attestation:
    """`type=provenance,mode=max`, or `type=sbom,disabled=true`."""
    kind, disabled, kept = "", False, []
    for field in csv_values(text):
        key, equals, value = field.partition("=")
        if not equals:
            raise ValueError(f"invalid value {field}")
        key = key.strip().lower()
        if key == "disabled":
            disabled = go.parse_bool(value)
            continue
        kind = value if key == "type" else kind
        kept.append(f"{key}={value}")
    if not kind:
        raise ValueError("attestation type not specified")
    return kind, None if disabled else ",".join(kept)


def _of_kind(kind: str, text: str) -> Attestation:
    """`true`, `false`, or attributes: `mode=max`."""
    try:
        return _attestation(f"type={kind},disabled={str(not go.parse_bool(text)).lower()}")
    except ValueError:
        return _attestation(f"type={kind},{text}")


ATTESTATIONS = FlagType(_attestation, many=True)
PROVENANCE = FlagType(lambda text: _of_kind("provenance", text))
SBOM = FlagType(lambda text: _of_kind("sbom", text))
