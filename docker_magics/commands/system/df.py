"""docker system df: show the disk usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing
from docker_magics.results.plots import Bar, Bars

from ._verbose import verbose

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class SystemDf(Command):
    """Show docker disk usage"""

    usage = "[OPTIONS]"

    format: str = _flags.format_of_listing()
    plot: bool = flag("--plot", "Draw the disk usage", hidden=True)
    verbose: bool = flag("-v, --verbose", "Show detailed information on space usage")

    def run(self, engine: Engine) -> Any:
        """Return the disk usage of images, containers, volumes and build cache.

        Returns:
            A Table with the columns TYPE (str), TOTAL, ACTIVE (int64), SIZE, RECLAIMABLE (int64,
            bytes). With --verbose Tables by the same types, with --plot a picture.

        source: Engine API, SystemDataUsage; docker/cli, cli/command/formatter/disk_usage.go.
        """
        usage = engine.get("/system/df")
        if self.verbose:
            return verbose(usage, self.format)
        if self.plot:
            bars = [Bar(total.kind, total.size, total.reclaimable) for total in totals(usage)]
            return Bars("Disk use", bars, human.size, waste="reclaimable")
        return render_listing(DISK_USAGE, totals(usage), form=self.format)


@dataclass(frozen=True)
class Total:
    """A row; sizes in bytes. `share`: whether the CLI shows the reclaimable percentage."""

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int
    share: bool

    @property
    def reclaimable_text(self) -> str:
        """The reclaimable size as text: `1.2MB (50%)`."""
        room = human.size(self.reclaimable, 4)
        share = f" ({self.reclaimable * 100 // self.size}%)" if self.share and self.size else ""
        return room + share


def totals(usage: Mapping[str, Any]) -> list[Total]:
    """Return the four rows."""
    return [
        _of_images(usage.get("Images") or [], usage.get("LayersSize") or 0),
        _of_containers(usage.get("Containers") or []),
        _of_volumes(usage.get("Volumes") or []),
        _of_cache(usage.get("BuildCache") or []),
    ]


def _of_images(images: Sequence[Mapping[str, Any]], size: int) -> Total:
    active = [image for image in images if image.get("Containers", 0) > 0]
    counted = [image for image in images if image.get("Containers", 0) != 0]
    known = [image for image in counted if image["Size"] != -1 and image["SharedSize"] != -1]
    used = sum(image["Size"] - image["SharedSize"] for image in known)
    return Total("Images", len(images), len(active), size, size - used, share=True)


def _of_containers(containers: Sequence[Mapping[str, Any]]) -> Total:
    size = sum(container.get("SizeRw") or 0 for container in containers)
    active = [
        container
        for container in containers
        if container["State"] in {"running", "paused", "restarting"}
    ]
    used = sum(container.get("SizeRw") or 0 for container in active)
    return Total("Containers", len(containers), len(active), size, size - used, share=True)


def _of_volumes(volumes: Sequence[Mapping[str, Any]]) -> Total:
    usages = [volume["UsageData"] for volume in volumes if volume.get("UsageData")]
    size = sum(max(volume["Size"], 0) for volume in usages)
    active = [volume for volume in usages if volume["RefCount"] > 0]
    used = sum(max(volume["Size"], 0) for volume in active)
    return Total("Local Volumes", len(volumes), len(active), size, size - used, share=True)


def _of_cache(entries: Sequence[Mapping[str, Any]]) -> Total:
    own = [entry for entry in entries if not entry.get("Shared")]
    size = sum(entry["Size"] for entry in own)
    used = sum(entry["Size"] for entry in own if entry.get("InUse"))
    active = sum(bool(entry.get("InUse")) for entry in entries)
    return Total("Build Cache", len(entries), active, size, size - used, share=False)


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    def size(value: int) -> str:
        return human.size(value, 4)

    return [
        Column("TYPE", lambda row: row.kind),
        Column("TOTAL", lambda row: row.total, INTEGER),
        Column("ACTIVE", lambda row: row.active, INTEGER),
        Column("SIZE", lambda row: row.size, INTEGER, size),
        Column("RECLAIMABLE", lambda row: row.reclaimable, INTEGER, text=_FIELDS["Reclaimable"]),
    ]


_FIELDS: dict[str, Field] = {
    "Type": lambda row: row.kind,
    "TotalCount": lambda row: str(row.total),
    "Active": lambda row: str(row.active),
    "Size": lambda row: human.size(row.size, 4),
    "Reclaimable": lambda row: row.reclaimable_text,
}
DISK_USAGE = Listing(
    fields=_FIELDS,
    columns=_columns,
    table="{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
    headings={"TotalCount": "TOTAL"},
    identity="Type",
    go_type="*formatter.diskUsageImagesContext",
)
