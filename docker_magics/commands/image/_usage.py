"""docker images: images with their disk usage, and with --tree their platforms.

source: docker/cli, cli/command/image/tree.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from docker_magics.results import human
from docker_magics.results.listing import AS_TEXT
from docker_magics.results.text import Text

from ._names import NONE, familiar_name

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table

_UNTAGGED = "<untagged>"
_HEADINGS = ("IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "EXTRA")
_GAP = "   "


@dataclass(frozen=True)
class ImageUsage:
    """An image, or one of its platforms; sizes in bytes.

    Attributes:
        names: the image's tags, sorted, or the platform; () for an untagged image.
        disk: the size of the unpacked files and the content.
        content: the compressed size; 0 if the engine does not know it.
        created: the creation time in Unix seconds.
        platforms: the image's platforms.
    """

    names: tuple[str, ...]
    identity: str
    disk: int
    content: int
    in_use: bool
    created: int
    platforms: tuple[ImageUsage, ...] = ()

    @property
    def repository(self) -> str:
        """The first tag's repository."""
        return familiar_name(self.names[0].rpartition(":")[0]) if self.names else NONE

    @property
    def tag(self) -> str:
        """The first tag, without its repository."""
        return self.names[0].rpartition(":")[2] if self.names else NONE


def usage_listing(images: Sequence[Mapping[str, Any]], *, tree: bool) -> Table | Text:
    """Return the images, sorted by name; with AS_TEXT the CLI's table.

    Args:
        images: the engine's images, with their manifests.
        tree: whether to list the platforms; without, each tag has a row of its own.
    """
    rows = [_usage(image) for image in images]
    if not tree:
        rows = [replace(row, platforms=(), names=names) for row in rows for names in _each(row)]
    rows.sort(key=lambda row: (not row.names, row.names[:1]))
    if AS_TEXT.get():
        return _text(rows)
    from docker_magics.results.table import make

    return make(_tree_columns(), list(_lines(rows))) if tree else make(_columns(), rows)


def _each(row: ImageUsage) -> Sequence[tuple[str, ...]]:
    return [(name,) for name in row.names] or [()]


def _usage(image: Mapping[str, Any]) -> ImageUsage:
    manifests = image.get("Manifests") or []
    platforms = tuple(_platform(part) for part in manifests if part["Kind"] == "image")
    return ImageUsage(
        names=tuple(sorted(image.get("RepoTags") or [])),
        identity=human.short_id(image["Id"]),
        disk=image["Size"],
        content=sum(part["Size"]["Content"] for part in manifests),
        in_use=image.get("Containers", -1) > 0 or any(part.in_use for part in platforms),
        created=image["Created"],
        platforms=platforms,
    )


def _platform(manifest: Mapping[str, Any]) -> ImageUsage:
    platform = manifest["ImageData"]["Platform"]
    name = "/".join(filter(None, map(platform.get, ("os", "architecture", "variant"))))
    return ImageUsage(
        names=(name,),
        identity=human.short_id(manifest["ID"]),
        disk=manifest["Size"]["Total"],
        content=manifest["Size"]["Content"],
        in_use=bool(manifest["ImageData"].get("Containers")),
        created=0,
    )


def _lines(rows: Sequence[ImageUsage]) -> Iterator[tuple[str, ImageUsage]]:
    """Yield the rows of the tree, each with its label."""
    for row in rows:
        yield ", ".join(row.names) or _UNTAGGED, row
        yield from _branches(row)


def _branches(row: ImageUsage) -> Iterator[tuple[str, ImageUsage]]:
    for platform in row.platforms:
        branch = "└─" if platform is row.platforms[-1] else "├─"
        yield f"{branch} {platform.names[0]}", platform


def _text(rows: Sequence[ImageUsage]) -> Text:
    """Return the CLI's table for a pipe."""
    branches = [branch for row in rows for branch in _branches(row)]
    names = [name for row in rows for name in row.names or (_UNTAGGED,)]
    # The CLI counts the bytes of a branch, not its characters.
    widths = [len(name.encode()) for name, _ in branches] + [len(name) for name in names]
    width = max([len(_HEADINGS[0]), *widths])
    marks = any(row.in_use for row in [*rows, *(platform for _, platform in branches)])
    spaced = bool(branches)

    def line(label: str, row: ImageUsage) -> str:
        mark = ("U" if row.in_use else " ") * marks
        sizes = (f"{human.size(row.disk):>10}", f"{human.size(row.content):>12}")
        return _GAP.join((f"{label:<{width}}", f"{row.identity:<12}", *sizes, f"{mark:<5}"))

    lines = [_GAP.join((f"{_HEADINGS[0]:<{width}}", f"{_HEADINGS[1]:<12}", *_HEADINGS[2:]))]
    for row in rows:
        *others, last = row.names or (_UNTAGGED,)
        lines += [f"{name:<{width}}" for name in others]
        lines.append(line(last, row))
        lines += [line(label, platform) for label, platform in _branches(row)]
        lines += [""] * spaced
    return Text("".join(f"{text}\n" for text in lines))


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import BOOLEAN, INTEGER, TIME, Column

    return [
        Column("REPOSITORY", lambda row: row.repository),
        Column("TAG", lambda row: row.tag),
        Column("IMAGE ID", lambda row: row.identity),
        Column("CREATED", lambda row: row.created, TIME, human.ago),
        Column("SIZE", lambda row: row.disk, INTEGER, human.size),
        Column("DISK USAGE", lambda row: row.disk, INTEGER, human.size),
        Column("CONTENT SIZE", lambda row: row.content, INTEGER, human.size),
        Column("IN USE", lambda row: row.in_use, BOOLEAN),
    ]


def _tree_columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    return [
        Column(_HEADINGS[0], lambda line: line[0]),
        Column(_HEADINGS[1], lambda line: line[1].identity),
        Column(_HEADINGS[2], lambda line: line[1].disk, INTEGER, human.size),
        Column(_HEADINGS[3], lambda line: line[1].content, INTEGER, human.size),
        Column(_HEADINGS[4], lambda line: "U" if line[1].in_use else ""),
    ]
