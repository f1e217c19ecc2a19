"""docker system df: what takes how much room."""

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
    plot: bool = flag("--plot", "Draw the room that is taken", hidden=True)
    verbose: bool = flag("-v, --verbose", "Show detailed information on space usage")

    def run(self, engine: Engine) -> Any:
        """The room that images, containers, volumes and build cache take.

        Returns:
            A Table with the columns TYPE (str), TOTAL, ACTIVE (int64), SIZE, RECLAIMABLE (int64,
            bytes). With --verbose Tables by the same types, with --plot a picture.

        source: Engine API, SystemDataUsage; docker/cli, cli/command/formatter/disk_usage.go.
        """
        usage = engine.get("/system/df")
        if self.verbose:
            return verbose(usage, self.format)
        if self.plot:
            bars = [Bar(each.kind, each.size, each.reclaimable) for each in totals(usage)]
            return Bars("Disk use", bars, human.size, waste="reclaimable")
        return render_listing(DISK_USAGE, totals(usage), form=self.format)


@dataclass(frozen=True)
class Total:
    """One row: sizes in bytes; `share`: whether the CLI says how much of it is reclaimable."""

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int
    share: bool

    @property
    def reclaimable_text(self) -> str:
        """`1.2MB (50%)`."""
        room = human.size(self.reclaimable, 4)
        share = f" ({self.reclaimable * 100 // self.size}%)" if self.share and self.size else ""
        return room + share


def totals(usage: Mapping[str, Any]) -> list[Total]:
    """The four rows."""
    return [
        _of_images(usage.get("Images") or [], usage.get("LayersSize") or 0),
        _of_containers(usage.get("Containers") or []),
        _of_volumes(usage.get("Volumes") or []),
        _of_cache(usage.get("BuildCache") or []),
    ]


def _of_images(found: Sequence[Mapping[str, Any]], size: int) -> Total:
    active = [each for each in found if each.get("Containers", 0) > 0]
    counted = [each for each in found if each.get("Containers", 0) != 0]
    known = [each for each in counted if each["Size"] != -1 and each["SharedSize"] != -1]
    used = sum(each["Size"] - each["SharedSize"] for each in known)
    return Total("Images", len(found), len(active), size, size - used, share=True)


def _of_containers(found: Sequence[Mapping[str, Any]]) -> Total:
    size = sum(each.get("SizeRw") or 0 for each in found)
    active = [each for each in found if each["State"] in {"running", "paused", "restarting"}]
    used = sum(each.get("SizeRw") or 0 for each in active)
    return Total("Containers", len(found), len(active), size, size - used, share=True)


def _of_volumes(found: Sequence[Mapping[str, Any]]) -> Total:
    usages = [each["UsageData"] for each in found if each.get("UsageData")]
    size = sum(max(each["Size"], 0) for each in usages)
    active = [each for each in usages if each["RefCount"] > 0]
    used = sum(max(each["Size"], 0) for each in active)
    return Total("Local Volumes", len(found), len(active), size, size - used, share=True)


def _of_cache(found: Sequence[Mapping[str, Any]]) -> Total:
    own = [each for each in found if not each.get("Shared")]
    size = sum(each["Size"] for each in own)
    used = sum(each["Size"] for each in own if each.get("InUse"))
    active = sum(bool(each.get("InUse")) for each in found)
    return Total("Build Cache", len(found), active, size, size - used, share=False)


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
