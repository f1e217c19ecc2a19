"""Volumes of a swarm (CSI): the flags that docker shows on a swarm's managers alone.

source: docker/cli, cli/command/volume/create.go; Engine API, ClusterVolumeSpec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import flag
from docker_magics.cli.kinds.texts import mapping

if TYPE_CHECKING:
    from .create import VolumeCreate


def availability_flag() -> Any:
    """--availability; None where it was not given."""
    text = 'Cluster Volume availability ("active", "pause", "drain") (default "active")'
    return flag("--availability string", text, hidden=True, default=None)


def cluster_flag(spec: str, text: str) -> Any:
    """A flag of a swarm's volumes; None where it was not given."""
    return flag(spec, f"Cluster Volume {text}", hidden=True, default=None)


def specification(volume: VolumeCreate) -> dict[str, Any] | None:
    """The API's ClusterVolumeSpec; None where no flag asks for such a volume."""
    asking = (volume.availability, volume.group, volume.limit_bytes, volume.required_bytes)
    if (*asking, volume.scope, volume.sharing, volume.type) == (None,) * 7:
        return None
    access: dict[str, Any] = {
        "Scope": "single" if volume.scope is None else volume.scope,
        "Sharing": "none" if volume.sharing is None else volume.sharing,
    }
    kind = "block" if volume.type is None else volume.type
    access |= {f"{each.capitalize()}Volume": {} for each in ("mount", "block") if each == kind}
    return {
        "Group": volume.group,
        "AccessMode": access,
        "Availability": "active" if volume.availability is None else volume.availability,
        "CapacityRange": {
            "RequiredBytes": volume.required_bytes,
            "LimitBytes": volume.limit_bytes,
        },
        "Secrets": [
            {"Key": key, "Secret": value} for key, value in sorted(mapping(volume.secret).items())
        ],
        "AccessibilityRequirements": {
            "Requisite": [_topology(each) for each in volume.topology_required],
            "Preferred": [_topology(each) for each in volume.topology_preferred],
        },
    }


def _topology(text: str) -> dict[str, Any]:
    return {"Segments": mapping(text.split(","))}
