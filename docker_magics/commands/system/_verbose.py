"""The tables of `system df -v`.

source: docker/cli, cli/command/formatter/disk_usage.go: verboseWriteTable; buildcache.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from docker_magics.commands._disk_usage import DiskUsages
from docker_magics.commands.container.ls import containers
from docker_magics.commands.image._names import NONE, Tagged, tagged
from docker_magics.commands.image.ls import images
from docker_magics.commands.volume.ls import VOLUMES
from docker_magics.results import human
from docker_magics.results.gotemplate import Struct, Template
from docker_magics.results.listing import AS_TEXT, Field, Listing, Row, format_listing
from docker_magics.results.text import Text

if TYPE_CHECKING:
    from docker_magics.results.table import Column
    from docker_magics.results.tables import Tables


def verbose(usages: DiskUsages, form: str) -> Tables | Text:
    """Return a table for each type of object, or the formatted text.

    Args:
        usages: the disk usage, with its items.
        form: --format.
    """
    if form and form != "table":
        rows = {
            name.replace("Local ", "").replace(" ", ""): [
                Row(listing, item).as_json() for item in objects
            ]
            for name, (listing, objects) in _kinds(usages, trunc=False).items()
        }
        template = Template("{{json .}}" if form == "json" else form.removeprefix("table "))
        data = Struct({name: (name, []) for name in rows}, rows, "*formatter.diskUsageContext")
        return Text(template.render(data) + "\n")
    if AS_TEXT.get():
        return _text(usages)
    from docker_magics.results.table import make
    from docker_magics.results.tables import Tables

    return Tables(
        {
            name: make(listing.columns(), objects)
            for name, (listing, objects) in _kinds(usages, trunc=True).items()
        }
    )


_TABLES = {
    "Images": "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
    "\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
    "Containers": "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}"
    "\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
    "Local Volumes": "{{.Name}}\t{{.Links}}\t{{.Size}}",
    "Build Cache": "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}"
    "\t{{.UsageCount}}\t{{.Shared}}",
}


def _text(usages: DiskUsages) -> Text:
    """Return the CLI's tables."""
    titles = {name: f"{name} space usage:" for name in _TABLES}
    titles["Build Cache"] = f"Build cache usage: {human.size(usages.build_cache.size, 4)}"
    return Text(
        "\n".join(
            f"{titles[name]}\n\n{format_listing(listing, objects, f'table {_TABLES[name]}')}"
            for name, (listing, objects) in _kinds(usages, trunc=True).items()
        )
    )


def _kinds(usages: DiskUsages, *, trunc: bool) -> dict[str, tuple[Listing, Sequence[Any]]]:
    """Return the listing and the objects of each type."""
    of_images = images(trunc=trunc, digests=False)
    return {
        "Images": (
            of_images._replace(columns=lambda: _image_columns(of_images)),
            [_first(image) for image in usages.images.items],
        ),
        "Containers": (_containers(trunc=trunc), usages.containers.items),
        "Local Volumes": (VOLUMES._replace(columns=_volume_columns), usages.volumes.items),
        "Build Cache": (build_cache(trunc=trunc), sorted(usages.build_cache.items, key=_last_used)),
    }


def _first(image: Mapping[str, Any]) -> Tagged:
    """Return the row of an image's first tag."""
    row = next(tagged(image, digests=False))
    unnamed = row.tag == NONE
    return row._replace(digest="", repository=NONE if unnamed else row.repository)


def _image_columns(listing: Listing) -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    shown = listing.fields
    return [
        *listing.columns(),
        Column("SHARED SIZE", lambda t: t.image["SharedSize"], INTEGER, text=shown["SharedSize"]),
        Column(
            "UNIQUE SIZE",
            lambda t: t.image["Size"] - max(t.image["SharedSize"], 0),
            INTEGER,
            text=shown["UniqueSize"],
        ),
        Column("CONTAINERS", lambda t: t.image["Containers"], INTEGER),
    ]


def _containers(*, trunc: bool) -> Listing:
    """Return the listing of containers, without the size of their images."""
    whole = containers(trunc=trunc, size=True)
    fields = {**whole.fields, "Size": lambda c: human.size(c.get("SizeRw") or 0)}

    def columns() -> Sequence[Column]:
        from docker_magics.results.table import INTEGER, TIME, Column

        return [
            Column("CONTAINER ID", fields["ID"]),
            Column("IMAGE", fields["Image"]),
            Column("COMMAND", fields["Command"]),
            Column("LOCAL VOLUMES", lambda c: int(fields["LocalVolumes"](c)), INTEGER),
            Column("SIZE", lambda c: c.get("SizeRw") or 0, INTEGER, human.size),
            Column("CREATED", lambda c: c["Created"], TIME, human.ago),
            Column("STATUS", fields["Status"]),
            Column("NAMES", fields["Names"]),
        ]

    return whole._replace(fields=fields, columns=columns)


def _volume_columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    def usage(key: str) -> Any:
        return lambda volume: (volume.get("UsageData") or {}).get(key, -1)

    return [
        Column("VOLUME NAME", VOLUMES.fields["Name"]),
        Column("LINKS", usage("RefCount"), INTEGER, text=VOLUMES.fields["Links"]),
        Column("SIZE", usage("Size"), INTEGER, text=VOLUMES.fields["Size"]),
    ]


def _last_used(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry.get("LastUsedAt") or "", entry["ID"]


def build_cache(*, trunc: bool = True) -> Listing:
    """Return the listing of build cache entries."""
    fields: dict[str, Field] = {
        "ID": lambda e: (e["ID"][:12] if trunc else e["ID"]) + ("*" if e.get("InUse") else ""),
        "Parent": lambda e: e.get("Parent") or "",
        "CacheType": lambda e: e["Type"],
        "Description": lambda e: e.get("Description") or "",
        "InUse": lambda e: str(bool(e.get("InUse"))).lower(),
        "Shared": lambda e: str(bool(e.get("Shared"))).lower(),
        "Size": lambda e: human.size(e["Size"]),
        "CreatedAt": lambda e: _time(e["CreatedAt"]),
        "CreatedSince": lambda e: human.ago_rfc3339(e["CreatedAt"]),
        "LastUsedAt": lambda e: _time(e.get("LastUsedAt")),
        "LastUsedSince": lambda e: (
            human.ago_rfc3339(e["LastUsedAt"]) if e.get("LastUsedAt") else ""
        ),
        "UsageCount": lambda e: str(e["UsageCount"]),
    }

    def columns() -> Sequence[Column]:
        from docker_magics.results.table import INTEGER, TIME, Column

        return [
            Column("CACHE ID", fields["ID"]),
            Column("CACHE TYPE", fields["CacheType"]),
            Column("SIZE", lambda e: e["Size"], INTEGER, human.size),
            Column("CREATED", lambda e: e["CreatedAt"], TIME, human.ago),
            Column("LAST USED", lambda e: e.get("LastUsedAt"), TIME, text=fields["LastUsedSince"]),
            Column("USAGE", lambda e: e["UsageCount"], INTEGER),
            Column("SHARED", fields["Shared"]),
        ]

    headings = {
        "ID": "CACHE ID",
        "CacheType": "CACHE TYPE",
        "CreatedSince": "CREATED",
        "LastUsedSince": "LAST USED",
        "UsageCount": "USAGE",
    }
    return Listing(fields, columns, _TABLES["Build Cache"], headings)


def _time(text: str | None) -> str:
    return human.go_time(datetime.fromisoformat(text)) if text else ""
