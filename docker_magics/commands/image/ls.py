"""docker images: list images."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results import human
from docker_magics.results.listing import AS_TEXT, Field, Listing, render_listing
from docker_magics.results.text import Text

from ._names import NONE, Tagged, is_dangling, tagged
from ._usage import image_usages, usage_table
from ._usage_text import usage_text

if TYPE_CHECKING:
    from docker_magics.results.table import Column

#: Go's zero time, the first second of year 1, in Unix seconds: the image names no time.
_ZERO_TIME = -62135596800
#: Verbs of `docker image`, which people take for arguments of `docker images`.
_VERBS = {
    "build",
    "history",
    "import",
    "inspect",
    "list",
    "load",
    "ls",
    "prune",
    "pull",
    "push",
} | {*("rm", "save", "tag")}


class ImageLs(Command):
    """List images"""

    usage = "[OPTIONS] [REPOSITORY[:TAG]]"
    aliases = ("image list", "images")

    all: bool = flag(
        "-a, --all", "Show all images (default hides intermediate and dangling images)"
    )
    digests: bool = flag("--digests", "Show digests")
    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    no_trunc: bool = _flags.no_trunc()
    quiet: bool = _flags.quiet("Only show image IDs")
    tree: bool = flag("--tree", "List multi-platform images as a tree (EXPERIMENTAL)", hidden=True)
    updates: bool = flag("--updates", "Ask the registries for newer versions", hidden=True)
    repository: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Any:
        """Return the images, a row for each tag, sorted by name.

        Returns:
            A Table with the columns REPOSITORY, TAG, IMAGE ID (str), CREATED (UTC timestamp), SIZE,
            DISK USAGE (int64: the bytes of the unpacked image and its content), CONTENT SIZE
            (int64: the compressed bytes; 0 if the engine does not know them) and IN USE (bool:
            whether a container uses it). With --digests or --no-trunc, in the engine's order, the
            columns REPOSITORY, TAG, (with --digests DIGEST,) IMAGE ID, CREATED, SIZE. With -q a
            list of IDs. With --tree a Table with the columns IMAGE, ID (str), DISK USAGE, CONTENT
            SIZE (int64, bytes), EXTRA (str: U for in use), a row for each image and for each of its
            platforms. With --updates a Table with the columns REPOSITORY, TAG, IMAGE ID, UPDATE
            (str).

        source: Engine API, ImageList; docker/cli, cli/command/image/list.go: runImages.
        """
        filters = _flags.filters(self.filter)
        if self.repository:
            filters.setdefault("reference", []).append(self.repository)
        if self.tree:
            self._check_tree(engine)
        shows_usage = not (self.quiet or self.no_trunc or self.digests or self.format)
        query = {
            "all": self.all,
            "manifests": shows_usage and engine.supports("1.47"),
            "filters": filters,
        }
        listed_images: list[dict[str, Any]] = engine.get("/images/json", query)
        if not self.all and ("dangling" not in filters or "false" in filters["dangling"]):
            listed_images = [image for image in listed_images if not is_dangling(image)]
        if not listed_images and self.repository in _VERBS:
            self.terminal.notify(
                f'No images found matching "{self.repository}":'
                f' did you mean "docker image {self.repository}"?'
            )
        if self.updates:
            from ._updates import updates

            return updates(engine, listed_images)
        setting = (
            ""
            if self.tree
            else _flags.listing_format(self.format, "imagesFormat", quiet=self.quiet)
        )
        if shows_usage and not setting:
            return self._usage(listed_images)
        return self._table(listed_images, setting)

    def _usage(self, listed_images: Sequence[Mapping[str, Any]]) -> Any:
        rows = image_usages(listed_images, tree=self.tree)
        if not AS_TEXT.get():
            return usage_table(rows, tree=self.tree)
        if not self.terminal.shows_progress:
            return Text(usage_text(rows, 0))
        import shutil

        return Text(usage_text(rows, shutil.get_terminal_size().columns))

    def _table(self, listed_images: Sequence[Mapping[str, Any]], form: str) -> Any:
        """Return the listing that Docker 28 had, in the engine's order."""
        needs_digests = self.digests or ".Digest" in form
        rows = [row for image in listed_images for row in tagged(image, digests=needs_digests)]
        if not self.digests:  # like the CLI, hide the digests of untagged images
            rows = [_without_digest(row) if row.tag == NONE else row for row in rows]
        listing = images(trunc=not self.no_trunc, digests=self.digests)
        return render_listing(listing, rows, form=self._with_digest(form), quiet=self.quiet)

    def _with_digest(self, form: str) -> str:
        """Return a format; --digests adds the digest to a custom table."""
        more = self.digests and form.startswith("table ") and "{{.Digest}}" not in form
        return form + "\t{{.Digest}}" * more

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


def _without_digest(row: Tagged) -> Tagged:
    return row if row.repository == NONE else row._replace(digest="")


def images(*, trunc: bool, digests: bool) -> Listing:
    """Return the listing of images.

    source: docker/cli, cli/command/formatter/image.go.
    """
    fields: dict[str, Field] = {
        "ID": lambda t: human.short_id(t.image["Id"]) if trunc else t.image["Id"],
        "Repository": lambda t: t.repository,
        "Tag": lambda t: t.tag,
        "Digest": lambda t: t.digest,
        "CreatedSince": lambda t: _created_since(t.image["Created"]),
        "CreatedAt": lambda t: human.go_time_unix(t.image["Created"]),
        "Size": lambda t: human.size(t.image["Size"]),
        "Containers": lambda t: _known(t.image.get("Containers", -1)),
        "SharedSize": lambda t: _known(t.image.get("SharedSize", -1), human.size, 4),
        "UniqueSize": lambda t: _unique_size(t.image),
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


def _created_since(seconds: int) -> str:
    return "" if seconds == _ZERO_TIME else human.ago(seconds)


def _known(value: int, show: Any = str, *arguments: Any) -> str:
    return "N/A" if value == -1 else str(show(value, *arguments))


def _unique_size(image: Mapping[str, Any]) -> str:
    shared = image.get("SharedSize", -1)
    return "N/A" if shared == -1 else human.size(image["Size"] - shared, 4)
