"""docker history: show the layers of an image."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.commands._platform import platform_json
from docker_magics.engine.client import Engine, path
from docker_magics.explain.texts import texts
from docker_magics.phrase import language
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing
from docker_magics.results.plots import Bar, Bars

from ._saved_image import instruction
from ._waste import wasted_bytes

if TYPE_CHECKING:
    from docker_magics.results.table import Column

#: The year 2000: older times are the fixed timestamps of reproducible builds.
_EPOCH = 946_684_800


class ImageHistory(Command):
    """Show the history of an image"""

    usage = "[OPTIONS] IMAGE"
    aliases = ("history",)

    format: str = _flags.format_of_listing()
    human: bool = flag(
        "-H, --human", "Print sizes and dates in human readable format", default=True
    )
    no_trunc: bool = _flags.no_trunc()
    platform: str = flag(
        "--platform string",
        "Show history for the given platform. "
        'Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    )
    plot: bool = flag("--plot", "Draw the layers' sizes", hidden=True)
    quiet: bool = _flags.quiet("Only show image IDs")
    image: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the layers, newest first.

        Returns:
            A Table with the columns IMAGE (str), CREATED (with --human=false CREATED AT; UTC
            timestamp), CREATED BY (str), SIZE (int64, bytes), COMMENT (str). With -q a
            list of IDs, with --plot a picture.

        source: Engine API, ImageHistory.
        """
        query = {"platform": platform_json(engine, self.platform)}
        layers = engine.get(path("images", self.image, "history"), query)
        if self.plot:
            return _picture(self.image, layers, _hidden(engine, self.image, layers))
        listing = history(trunc=not self.no_trunc, readable=self.human)
        return render_listing(listing, layers, form=self.format, quiet=self.quiet)


def _hidden(engine: Engine, image: str, layers: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the hidden bytes of each step, from the base up; zeros if they are unknown.

    Downloads the image, unless it has only one layer with files.

    source: Engine API, ImageGet.
    """
    nothing = [0] * len(layers)
    if sum(bool(layer["Size"]) for layer in layers) < 2:
        return nothing
    url = path("images", image, "get")
    with engine.request("GET", url, stream=True) as response:
        try:
            hidden = wasted_bytes(response)
        except ValueError:
            return nothing
    return hidden if len(hidden) == len(layers) else nothing


def _picture(image: str, layers: Sequence[Mapping[str, Any]], hidden: Sequence[int]) -> Bars:
    """Return the layers as bars, from the base up."""
    whole = human.size(sum(layer["Size"] for layer in layers))
    bars = [
        Bar(instruction(layer["CreatedBy"]), layer["Size"], min(waste, layer["Size"]))
        for layer, waste in zip(reversed(layers), hidden, strict=True)
    ]
    phrases = texts(language())
    form = "plot_one" if len(layers) == 1 else "plot"
    title = phrases.say(form, image=image, size=whole, count=len(layers))
    if lost := sum(bar.wasted for bar in bars):
        title += phrases.say("plot_wasted", size=human.size(lost))
    return Bars(title, bars, human.size, waste=phrases.say("wasted"))


def history(*, trunc: bool, readable: bool) -> Listing:
    """Return the listing of layers.

    source: docker/cli, cli/command/image/formatter_history.go.
    """

    def created_by(layer: Mapping[str, Any]) -> str:
        text = str(layer["CreatedBy"]).replace("\t", " ")
        return human.ellipsis(text, 45) if trunc else text

    fields: dict[str, Field] = {
        "ID": lambda h: human.short_id(h["Id"]) if trunc else h["Id"],
        "CreatedAt": lambda h: _rfc3339(h["Created"]),
        "CreatedSince": lambda h: _since(h["Created"]) if readable else _rfc3339(h["Created"]),
        "CreatedBy": created_by,
        "Size": lambda h: human.size(h["Size"]) if readable else str(h["Size"]),
        "Comment": lambda h: h.get("Comment") or "",
    }
    created = "CreatedSince" if readable else "CreatedAt"
    names = ("ID", created, "CreatedBy", "Size", "Comment")
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields, readable=readable),
        table="\t".join(f"{{{{.{name}}}}}" for name in names),
        headings={
            "ID": "IMAGE",
            "CreatedSince": "CREATED",
            "CreatedAt": "CREATED AT",
            "CreatedBy": "CREATED BY",
        },
        go_type="*image.historyContext",
    )


def _columns(fields: Mapping[str, Field], *, readable: bool) -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    created, since = ("CREATED", _ago) if readable else ("CREATED AT", None)
    return [
        Column("IMAGE", fields["ID"]),
        Column(created, lambda h: h["Created"], TIME, since),
        Column("CREATED BY", fields["CreatedBy"]),
        Column("SIZE", lambda h: h["Size"], INTEGER, human.size if readable else None),
        Column("COMMENT", fields["Comment"]),
    ]


def _rfc3339(seconds: int) -> str:
    local = datetime.fromtimestamp(seconds, UTC).astimezone()
    return local.isoformat().replace("+00:00", "Z")


def _ago(time: datetime) -> str:
    return _since(int(time.timestamp()))


def _since(seconds: int) -> str:
    return human.ago(seconds) if seconds > _EPOCH else "N/A"
