"""docker volume create: storage that outlives containers."""

from __future__ import annotations

from docker_magics.cli.command import flag, operand
from docker_magics.cli.flag_types import LABELS
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._session_label import labels
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._cluster import ClusterFlags


class VolumeCreate(ClusterFlags):
    """Create a volume"""

    usage = "[OPTIONS] [VOLUME]"

    driver: str = flag("-d, --driver string", "Specify volume driver name", default="local")
    label: list[str] = flag("--label list", "Set metadata for a volume", flag_type=LABELS)
    name: str = flag("--name string", "Specify volume name", hidden=True)
    opt: list[str] = flag("-o, --opt map", "Set driver specific options (default map[])")
    volume: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return the new volume's name.

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
            "DriverOpts": mapping(self.opt) or None,
            "Labels": labels(engine, "volume") | mapping(self.label),
            "ClusterVolumeSpec": self.cluster_spec(engine),
        }
        return Text(engine.post("/volumes/create", body=body)["Name"])
