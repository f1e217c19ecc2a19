"""docker volume ls: list volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, labels, render_listing, text_listing


class VolumeLs(Command):
    """List volumes"""

    usage = "[OPTIONS]"
    aliases = ("volume list",)

    cluster: bool = flag("--cluster", "Display only cluster volumes", hidden=True)
    filter: list[tuple[str, str]] = _flags.filter_of_listing(
        'Provide filter values (e.g. "dangling=true")'
    )
    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display volume names")

    def run(self, engine: Engine) -> Any:
        """Return the volumes, sorted by name.

        Returns:
            A Table with the columns DRIVER and VOLUME NAME, both str. With -q a list of names.
            With --cluster only cluster volumes: VOLUME NAME, GROUP, DRIVER, AVAILABILITY, STATUS.

        source: Engine API, VolumeList.
        """
        answer = engine.get("/volumes", {"filters": _flags.filters(self.filter)})
        by_name = sorted(
            answer.get("Volumes") or [], key=lambda volume: human.natural(volume["Name"])
        )
        if not self.cluster:
            form = _flags.listing_format(self.format, "volumesFormat", quiet=self.quiet)
            return render_listing(VOLUMES, by_name, form=form, quiet=self.quiet)
        cluster_volumes = [volume for volume in by_name if volume.get("ClusterVolume")]
        return render_listing(CLUSTER_VOLUMES, cluster_volumes, quiet=self.quiet)


def _usage(volume: Mapping[str, Any], key: str, show: Any) -> str:
    usage = volume.get("UsageData")
    return "N/A" if usage is None or usage[key] == -1 else show(usage[key])


def _cluster_field(volume: Mapping[str, Any], key: str) -> str:
    cluster = volume.get("ClusterVolume")
    return str(cluster["Spec"].get(key, "")) if cluster else "N/A"


def _status(cluster: Mapping[str, Any] | None) -> str:
    if cluster is None:
        return "N/A"
    if not (cluster.get("Info") or {}).get("VolumeID"):
        return "pending creation"
    nodes = len(cluster.get("PublishStatus") or [])
    return f"in use ({nodes} node{'s' * (nodes != 1)})" if nodes else "created"


#: source: docker/cli, cli/command/formatter/volume.go.
FIELDS: dict[str, Field] = {
    "Name": lambda v: v["Name"],
    "Driver": lambda v: v["Driver"],
    "Scope": lambda v: v["Scope"],
    "Mountpoint": lambda v: v["Mountpoint"],
    "Labels": lambda v: labels(v.get("Labels")),
    "Label": lambda v, name: (v.get("Labels") or {}).get(name, ""),
    "Links": lambda v: _usage(v, "RefCount", str),
    "Size": lambda v: _usage(v, "Size", lambda size: human.size(size, 4)),
    "Group": lambda v: _cluster_field(v, "Group"),
    "Availability": lambda v: _cluster_field(v, "Availability"),
    "Status": lambda v: _status(v.get("ClusterVolume")),
}
VOLUMES = text_listing(
    FIELDS,
    "Driver",
    "Name",
    headings={"Name": "VOLUME NAME"},
    identity="Name",
    go_type="*formatter.volumeContext",
)
CLUSTER_VOLUMES = text_listing(
    FIELDS,
    *("Name", "Group", "Driver", "Availability", "Status"),
    headings={"Name": "VOLUME NAME"},
    identity="Name",
    go_type="*formatter.volumeContext",
)
