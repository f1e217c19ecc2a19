"""docker volume create: a place for data that outlives containers."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.kinds import LABELS
from docker_magics.cli.kinds.texts import mapping
from docker_magics.commands._session_label import labels
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._cluster import availability_flag, cluster_flag, specification


class VolumeCreate(Command):
    """Create a volume"""

    usage = "[OPTIONS] [VOLUME]"

    availability: str | None = availability_flag()
    driver: str = flag("-d, --driver string", "Specify volume driver name", default="local")
    group: str | None = cluster_flag("--group string", "group (cluster volumes)")
    label: list[str] = flag("--label list", "Set metadata for a volume", kind=LABELS)
    limit_bytes: int | None = cluster_flag("--limit-bytes bytes", "minimum size in bytes")
    name: str = flag("--name string", "Specify volume name", hidden=True)
    opt: list[str] = flag("-o, --opt map", "Set driver specific options (default map[])")
    required_bytes: int | None = cluster_flag("--required-bytes bytes", "maximum size in bytes")
    scope: str | None = cluster_flag("--scope string", 'access scope ("single", "multi")')
    secret: list[str] = flag("--secret map", "Cluster Volume secrets (default map[])", hidden=True)
    sharing: str | None = cluster_flag(
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
    type: str | None = cluster_flag("--type string", 'access type ("mount", "block")')
    volume: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """The new volume's name.

        source: Engine API, VolumeCreate.
        """
        if self.volume and self.name:
            raise UsageError(
                "conflicting options: cannot specify a volume-name through both --name and as a "
                "positional arg"
            )
        body = {
            "Name": self.volume or self.name,
            "Driver": self.driver,
            "DriverOpts": mapping(self.opt),
            "Labels": labels(engine, "volume") | mapping(self.label),
            "ClusterVolumeSpec": specification(self, engine),
        }
        return Text(engine.post("/volumes/create", body=body)["Name"])
