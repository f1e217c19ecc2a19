"""Volumes of a swarm (CSI): the flags that docker shows on a swarm's managers alone.

source: docker/cli, cli/command/volume/create.go; Engine API, ClusterVolumeSpec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import flag
from docker_magics.cli.kinds.texts import mapping
from docker_magics.engine.client import Engine

if TYPE_CHECKING:
    from .create import VolumeCreate


def availability_flag() -> Any:
    """--availability; None where it was not given."""
    text = 'Cluster Volume availability ("active", "pause", "drain") (default "active")'
    return flag("--availability string", text, hidden=True, default=None)


def cluster_flag(spec: str, text: str) -> Any:
    """A flag of a swarm's volumes; None where it was not given."""
    return flag(spec, f"Cluster Volume {text}", hidden=True, default=None)


#: The flags that make a volume one of the swarm's.
_ASKING = ("availability", "group", "limit_bytes", "required_bytes", "scope", "sharing", "type")


def specification(volume: VolumeCreate, engine: Engine) -> dict[str, Any] | None:
    """The API's ClusterVolumeSpec; None where no flag asks for such a volume.

    Raises:
        UsageError: the engine knows of no such volumes.
    """
    asking = [name for name in _ASKING if getattr(volume, name) is not None]
    if not asking:
        return None
    engine.require("1.42", f"--{asking[0].replace('_', '-')}")
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
