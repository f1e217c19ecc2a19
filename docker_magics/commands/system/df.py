"""docker system df: show the disk usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags
from docker_magics.commands._disk_usage import DiskUsage, DiskUsages, disk_usages
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing
from docker_magics.results.plots import Bar, Bars
from docker_magics.results.text import blank_line_after_errors

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
        usages = disk_usages(engine, items=self.verbose)
        if self.verbose:
            return verbose(usages, self.format)
        if self.plot:
            bars = [
                Bar(total.kind, total.usage.size, total.usage.reclaimable)
                for total in totals(usages)
            ]
            return Bars("Disk use", bars, human.size, waste="reclaimable")
        with blank_line_after_errors():
            return render_listing(DISK_USAGE, totals(usages), form=self.format)


@dataclass(frozen=True)
class Total:
    """A row. `share`: whether the CLI shows the reclaimable percentage."""

    kind: str
    usage: DiskUsage
    share: bool = True

    @property
    def reclaimable_text(self) -> str:
        """The reclaimable size as text: `1.2MB (50%)`."""
        size, reclaimable = self.usage.size, self.usage.reclaimable
        room = human.size(reclaimable, 4)
        return room + (f" ({reclaimable * 100 // size}%)" if self.share and size > 0 else "")


def totals(usages: DiskUsages) -> list[Total]:
    """Return the four rows."""
    return [
        Total("Images", usages.images),
        Total("Containers", usages.containers),
        Total("Local Volumes", usages.volumes),
        Total("Build Cache", usages.build_cache, share=False),
    ]


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    def size(value: int) -> str:
        return human.size(value, 4)

    return [
        Column("TYPE", lambda row: row.kind),
        Column("TOTAL", lambda row: row.usage.total, INTEGER),
        Column("ACTIVE", lambda row: row.usage.active, INTEGER),
        Column("SIZE", lambda row: row.usage.size, INTEGER, size),
        Column(
            "RECLAIMABLE", lambda row: row.usage.reclaimable, INTEGER, text=_FIELDS["Reclaimable"]
        ),
    ]


_FIELDS: dict[str, Field] = {
    "Type": lambda row: row.kind,
    "TotalCount": lambda row: str(row.usage.total),
    "Active": lambda row: str(row.usage.active),
    "Size": lambda row: human.size(row.usage.size, 4),
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
