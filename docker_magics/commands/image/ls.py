"""docker images: list images."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing
from docker_magics.wire import reference

from ._tree import tree

if TYPE_CHECKING:
    from docker_magics.results.table import Column

NONE = "<none>"


class ImageLs(Command):
    """List images"""

    usage = "[OPTIONS] [REPOSITORY[:TAG]]"
    aliases = ("image list", "images")

    all: bool = flag("-a, --all", "Show all images (default hides intermediate images)")
    digests: bool = flag("--digests", "Show digests")
    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    no_trunc: bool = _flags.no_trunc()
    quiet: bool = _flags.quiet("Only show image IDs")
    tree: bool = flag("--tree", "List multi-platform images as a tree (EXPERIMENTAL)", hidden=True)
    repository: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Any:
        """Return the images, a row for each tag.

        Returns:
            A Table with the columns REPOSITORY, TAG, (with --digests DIGEST,) IMAGE ID (str),
            CREATED (UTC timestamp), SIZE (int64, bytes). With -q a list of IDs. With --tree a
            Table with the columns IMAGE, ID (str), DISK USAGE, CONTENT SIZE (int64, bytes), EXTRA
            (str: U for in use), a row for each image and for each of its platforms.

        source: Engine API, ImageList.
        """
        filters = _flags.filters(self.filter)
        if self.repository:
            filters.setdefault("reference", []).append(self.repository)
        if self.tree:
            self._check_tree(engine)
        query = {"all": self.all, "manifests": self.tree, "filters": filters}
        listed_images = engine.get("/images/json", query)
        if self.tree:
            return tree(listed_images, every=self.all)
        needs_digests = self.digests or ".Digest" in self.format
        rows = [row for image in listed_images for row in tagged(image, digests=needs_digests)]
        if not self.digests:  # like the CLI, hide the digests of untagged images
            rows = [_without_digest(row) if row.tag == NONE else row for row in rows]
        listing = images(trunc=not self.no_trunc, digests=self.digests)
        return render_listing(listing, rows, form=self._form(), quiet=self.quiet)

    def _form(self) -> str:
        """Return --format; --digests adds the digest to a custom table."""
        wants = self.digests and self.format.startswith("table ")
        more = wants and "{{.Digest}}" not in self.format
        return self.format + "\t{{.Digest}}" * more

    def _check_tree(self, engine: Engine) -> None:
        engine.require("1.47", "--tree")
        others = {
            "quiet": self.quiet,
            "no-trunc": self.no_trunc,
            "show-digest": self.digests,
            "format": self.format,
        }
        if given := [name for name, value in others.items() if value]:
            raise UsageError(f"--{given[0]} is not yet supported with --tree")


class Tagged(NamedTuple):
    """An image with one of its names."""

    image: Mapping[str, Any]
    repository: str
    tag: str
    digest: str


def tagged(image: Mapping[str, Any], *, digests: bool) -> Iterator[Tagged]:
    """Yield a row for each name of an image.

    source: docker/cli, cli/command/formatter/image.go: imageFormatTaggedAndDigest.
    """
    names = [name for name in image.get("RepoTags") or [] if name != f"{NONE}:{NONE}"]
    by_digest = [name for name in image.get("RepoDigests") or [] if name != f"{NONE}@{NONE}"]
    if not names and not by_digest:
        yield Tagged(image, NONE, NONE, NONE)
    known: dict[str, list[str]] = {}
    for name in by_digest:
        repository, _, digest = name.rpartition("@")
        known.setdefault(_familiar(repository), []).append(digest)
    repositories = set()
    for name in names:
        repository, _, tag = name.rpartition(":")
        repository = _familiar(repository)
        repositories.add(repository)
        for digest in (known.get(repository) if digests else None) or [NONE]:
            yield Tagged(image, repository, tag, digest)
    for repository in known.keys() - repositories:
        for digest in known[repository] if digests else [""]:
            yield Tagged(image, repository, NONE, digest)


def _without_digest(row: Tagged) -> Tagged:
    return row if row.repository == NONE else row._replace(digest="")


def _familiar(repository: str) -> str:
    try:
        return reference.parse(repository).familiar_name
    except reference.ReferenceError:
        return repository


def images(*, trunc: bool, digests: bool) -> Listing:
    """Return the listing of images.

    source: docker/cli, cli/command/formatter/image.go.
    """
    fields: dict[str, Field] = {
        "ID": lambda t: human.short_id(t.image["Id"]) if trunc else t.image["Id"],
        "Repository": lambda t: t.repository,
        "Tag": lambda t: t.tag,
        "Digest": lambda t: t.digest,
        "CreatedSince": lambda t: human.ago(t.image["Created"]),
        "CreatedAt": lambda t: human.go_time(datetime.fromtimestamp(t.image["Created"], UTC)),
        "Size": lambda t: human.size(t.image["Size"]),
        "Containers": lambda t: _known(t.image.get("Containers", -1)),
        "SharedSize": lambda t: _known(t.image.get("SharedSize", -1), human.size, 4),
        "UniqueSize": lambda t: _unique_size(t.image),
        "VirtualSize": lambda t: human.size(t.image["Size"], 4),
    }
    digest = "\t{{.Digest}}" if digests else ""
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields, digests=digests),
        table=f"{{{{.Repository}}}}\t{{{{.Tag}}}}{digest}"
        "\t{{.ID}}\t{{if .CreatedSince}}{{.CreatedSince}}{{else}}N/A{{end}}\t{{.Size}}",
        headings={
            "ID": "IMAGE ID",
            "CreatedSince": "CREATED",
            "CreatedAt": "CREATED AT",
            "SharedSize": "SHARED SIZE",
            "UniqueSize": "UNIQUE SIZE",
            "VirtualSize": "SIZE",
        },
        go_type="*formatter.imageContext",
    )


def _columns(fields: Mapping[str, Field], *, digests: bool) -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    return [
        Column("REPOSITORY", fields["Repository"]),
        Column("TAG", fields["Tag"]),
        *([Column("DIGEST", fields["Digest"])] if digests else []),
        Column("IMAGE ID", fields["ID"]),
        Column("CREATED", lambda t: t.image["Created"], TIME, human.ago),
        Column("SIZE", lambda t: t.image["Size"], INTEGER, human.size),
    ]


def _known(value: int, show: Any = str, *arguments: Any) -> str:
    return "N/A" if value == -1 else str(show(value, *arguments))


def _unique_size(image: Mapping[str, Any]) -> str:
    shared = image.get("SharedSize", -1)
    return "N/A" if shared == -1 else human.size(image["Size"] - shared, 4)
