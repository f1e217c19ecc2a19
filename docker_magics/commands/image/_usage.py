"""docker images: images with their disk usage, and with --tree their platforms.

source: docker/cli, cli/command/image/tree.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from docker_magics.results import human

from ._names import NONE, familiar_name

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table

#: The name of an image without a tag.
UNTAGGED = "<untagged>"
#: The CLI's columns.
HEADINGS = ("IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "EXTRA")


class ImageUsage(NamedTuple):
    """An image, or one of its platforms; sizes in bytes.

    Attributes:
        names: the image's tags, sorted, or the platform; () for an untagged image.
        disk: the size of the unpacked files and the content.
        content: the compressed size; 0 if the engine does not know it.
        created: the creation time in Unix seconds.
        is_available: whether the engine has the platform's content.
        platforms: the image's platforms.
    """

    names: tuple[str, ...]
    identity: str
    disk: int
    content: int
    in_use: bool
    created: int
    is_available: bool = True
    platforms: tuple[ImageUsage, ...] = ()

    @property
    def repository(self) -> str:
        """The first tag's repository."""
        return familiar_name(_split(self.names[0])[0]) if self.names else NONE

    @property
    def tag(self) -> str:
        """The first tag, without its repository; `<none>` of a name with a digest."""
        return _split(self.names[0])[1] if self.names else NONE


def _split(name: str) -> tuple[str, str]:
    """Split `REPOSITORY:TAG`, or the `REPOSITORY@DIGEST` of a pull by digest (Docker 29)."""
    repository, at, _ = name.partition("@")
    if at:
        return repository, NONE
    repository, _, tag = name.rpartition(":")
    return repository, tag


def image_usages(images: Sequence[Mapping[str, Any]], *, tree: bool) -> list[ImageUsage]:
    """Return the usage of images, sorted by name.

    Args:
        images: the engine's images, with their manifests.
        tree: whether to list the platforms; without, each tag has a row.
    """
    rows = [_usage(image) for image in images]
    if not tree:
        rows = [row._replace(platforms=(), names=names) for row in rows for names in _each(row)]
    return sorted(rows, key=lambda row: (not row.names, row.names[:1]))


def usage_table(rows: Sequence[ImageUsage], *, tree: bool) -> Table:
    """Return the usage as a DataFrame, a row for each image, and with `tree` for each platform."""
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
        is_available=manifest["Available"],
    )


def _lines(rows: Sequence[ImageUsage]) -> Iterator[tuple[str, ImageUsage]]:
    """Yield the rows of the tree, each with its label."""
    for row in rows:
        yield ", ".join(row.names) or UNTAGGED, row
        yield from branches(row)


def branches(row: ImageUsage) -> Iterator[tuple[str, ImageUsage]]:
    """Yield the platforms of an image, each with its label in the tree."""
    for platform in row.platforms:
        branch = "└─" if platform is row.platforms[-1] else "├─"
        yield f"{branch} {platform.names[0]}", platform


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
        Column(HEADINGS[0], lambda line: line[0]),
        Column(HEADINGS[1], lambda line: line[1].identity),
        Column(HEADINGS[2], lambda line: line[1].disk, INTEGER, human.size),
        Column(HEADINGS[3], lambda line: line[1].content, INTEGER, human.size),
        Column(HEADINGS[4], lambda line: "U" if line[1].in_use else ""),
    ]
