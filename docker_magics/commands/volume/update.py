"""docker volume update: change a cluster volume."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._cluster import availability_flag


class VolumeUpdate(Command):
    """Update a volume (cluster volumes only)"""

    usage = "[OPTIONS] VOLUME"

    availability: str | None = availability_flag()
    volume: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return "": docker prints nothing.

        source: Engine API, VolumeUpdate.
        """
        target = path("volumes", self.volume)
        cluster = engine.get(target).get("ClusterVolume")
        if cluster is None:
            raise UsageError("can only update cluster volumes")
        specification = cluster["Spec"]
        if self.availability is not None:
            specification["Availability"] = self.availability
        query = {"version": cluster["Version"]["Index"]}
        engine.request("PUT", target, query=query, body={"Spec": specification})
        return Text("")
