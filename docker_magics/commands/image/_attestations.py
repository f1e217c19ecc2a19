"""--provenance, --sbom and --attest: the Engine API's builds have no attestations."""

from __future__ import annotations

from docker_magics.cli.flag_types import FlagType

_OFF = frozenset({"", "0", "f", "false"})


def _switched_off(text: str) -> str:
    if text.lower() not in _OFF and not text.lower().endswith("disabled=true"):
        raise ValueError("the engine's API builds no attestations; use docker-container of buildx")
    return ""


ATTESTATIONS = FlagType(_switched_off, zero="")
