"""Cluster volumes (CSI): the flags that docker shows on swarm managers only.

source: docker/cli, cli/command/volume/create.go; Engine API, ClusterVolumeSpec.
"""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.engine.client import Engine


def availability_flag() -> Any:
    """Return --availability, None by default."""
    text = 'Cluster Volume availability ("active", "pause", "drain") (default "active")'
    return flag("--availability string", text, hidden=True, default=None)


def _cluster_flag(spec: str, text: str) -> Any:
    """Return a hidden flag of cluster volumes, None by default."""
    return flag(spec, f"Cluster Volume {text}", hidden=True, default=None)


#: The flags that ask for a cluster volume.
_CLUSTER_ONLY = (
    "availability",
    "group",
    "limit_bytes",
    "required_bytes",
    "scope",
    "sharing",
    "type",
)


class ClusterFlags(Command):
    """The flags of a cluster volume."""

    availability: str | None = availability_flag()
    group: str | None = _cluster_flag("--group string", "group (cluster volumes)")
    limit_bytes: int | None = _cluster_flag("--limit-bytes bytes", "minimum size in bytes")
    required_bytes: int | None = _cluster_flag("--required-bytes bytes", "maximum size in bytes")
    scope: str | None = _cluster_flag("--scope string", 'access scope ("single", "multi")')
    secret: list[str] = flag("--secret map", "Cluster Volume secrets (default map[])", hidden=True)
    sharing: str | None = _cluster_flag(
        "--sharing string", 'access sharing ("none", "readonly", "onewriter", "all")'
    )
    topology_preferred: list[str] = flag(
        "--topology-preferred list",
        "A topology that the Cluster Volume would be preferred in",
        hidden=True,
    )
    topology_required: list[str] = flag(
        "--topology-required list",
        "A topology that the Cluster Volume must be accessible from",
        hidden=True,
    )
    type: str | None = _cluster_flag("--type string", 'access type ("mount", "block")')

    def cluster_spec(self, engine: Engine) -> dict[str, Any] | None:
        """Return the API's ClusterVolumeSpec, or None if no flag asks for a cluster volume.

        Raises:
            UsageError: the engine does not support cluster volumes.
        """
        asking = [name for name in _CLUSTER_ONLY if getattr(self, name) is not None]
        if not asking:
            return None
        engine.require("1.42", f"--{asking[0].replace('_', '-')}")
        access_type = "block" if self.type is None else self.type
        access: dict[str, Any] = {
            "Scope": "single" if self.scope is None else self.scope,
            "Sharing": "none" if self.sharing is None else self.sharing,
        }
        if access_type in {"mount", "block"}:
            access[f"{access_type.capitalize()}Volume"] = {}
        secrets = sorted(mapping(self.secret).items())
        return {
            "Group": self.group,
            "AccessMode": access,
            "Availability": "active" if self.availability is None else self.availability,
            "CapacityRange": {
                "RequiredBytes": self.required_bytes,
                "LimitBytes": self.limit_bytes,
            },
            "Secrets": [{"Key": key, "Secret": value} for key, value in secrets],
            "AccessibilityRequirements": {
                "Requisite": [_topology(text) for text in self.topology_required],
                "Preferred": [_topology(text) for text in self.topology_preferred],
            },
        }


def _topology(text: str) -> dict[str, Any]:
    return {"Segments": mapping(text.split(","))}
