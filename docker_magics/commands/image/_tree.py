"""docker images --tree: images with their platforms.

source: docker/cli, cli/command/image/tree.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from docker_magics.results import human

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table

_UNNAMED = "<none>:<none>"


class _Line(NamedTuple):
    """A row; sizes in bytes."""

    image: str
    identity: str
    disk: int
    content: int
    in_use: bool


def tree(images: Sequence[Mapping[str, Any]], *, every: bool) -> Table:
    """Return the table of images, the newest first, with a row for each platform.

    Args:
        images: the engine's images, with their manifests.
        every: whether to include images without a name.
    """
    from docker_magics.results.table import make

    newest = sorted(images, key=lambda image: image["Created"], reverse=True)
    shown = [image for image in newest if every or not _is_unnamed(image)]
    return make(_columns(), [line for image in shown for line in _lines(image)])


def _is_unnamed(image: Mapping[str, Any]) -> bool:
    names = [*(image.get("RepoTags") or []), *(image.get("RepoDigests") or [])]
    return all(name.startswith("<none>") for name in names)


def _lines(image: Mapping[str, Any]) -> Iterator[_Line]:
    platforms = [
        manifest for manifest in image.get("Manifests") or [] if manifest["Kind"] == "image"
    ]
    used = [bool(manifest["ImageData"].get("Containers")) for manifest in platforms]
    names = ", ".join(sorted(image.get("RepoTags") or [], reverse=True))
    if not names:
        names = _UNNAMED if _is_unnamed(image) else "<untagged>"
    content = sum(manifest["Size"]["Content"] for manifest in platforms)
    in_use = any(used) or image.get("Containers", -1) > 0
    yield _Line(names, human.short_id(image["Id"]), image["Size"], content, in_use)
    for manifest, is_used in zip(platforms, used, strict=True):
        branch = "└─" if manifest is platforms[-1] else "├─"
        size = manifest["Size"]
        name, identity = f"{branch} {_platform(manifest)}", human.short_id(manifest["ID"])
        yield _Line(name, identity, size["Total"], size["Content"], is_used)


def _platform(manifest: Mapping[str, Any]) -> str:
    platform = manifest["ImageData"]["Platform"]
    return "/".join(filter(None, map(platform.get, ("os", "architecture", "variant"))))


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    return [
        Column("IMAGE", lambda line: line.image),
        Column("ID", lambda line: line.identity),
        Column("DISK USAGE", lambda line: line.disk, INTEGER, human.size),
        Column("CONTENT SIZE", lambda line: line.content, INTEGER, human.size),
        Column("EXTRA", lambda line: "U" if line.in_use else ""),
    ]
