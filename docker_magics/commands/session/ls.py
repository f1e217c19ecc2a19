"""docker session: what this notebook has made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _flags
from docker_magics.commands._session_label import SESSION
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Listing, render_listing

from ._objects import SessionObject, session_objects

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class SessionLs(Command):
    """List what was made in a session"""

    usage = "[OPTIONS] [SESSION]"
    aliases = ("session list", "session")
    long = (
        "That is the session that is named, the one that is under way, or else each. Volumes\n"
        "without a name belong to the session whose containers have them."
    )

    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")
    session: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Any:
        """Containers, networks, volumes and images with the session's label.

        Returns:
            A Table with the columns SESSION, KIND, ID, NAME (str), CREATED (UTC timestamp), STATE
            (str), SIZE (int64, bytes; -1 where the engine does not know). With -q a list of IDs.

        source: Engine API, SystemDataUsage, ContainerList, NetworkList, VolumeList, ImageList.
        """
        found = session_objects(engine, self.session or engine.labels.get(SESSION))
        return render_listing(LISTING, found, form=self.format, quiet=self.quiet)


def _identity(each: SessionObject) -> str:
    """A volume has its name alone."""
    return each.identity if each.kind == "volume" else each.identity[:12]


def _size(size: int) -> str:
    return "" if size < 0 else human.size(size)


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    return [
        Column("SESSION", lambda each: each.session),
        Column("KIND", lambda each: each.kind),
        Column("ID", _identity, show=lambda identity: human.ellipsis(identity, 12)),
        Column("NAME", lambda each: ", ".join(each.names)),
        Column("CREATED", lambda each: each.created, TIME, human.ago),
        Column("STATE", lambda each: each.state),
        Column("SIZE", lambda each: each.size, INTEGER, _size),
    ]


LISTING = Listing(
    fields={
        "Session": lambda each: each.session,
        "Kind": lambda each: each.kind,
        "ID": _identity,
        "Name": lambda each: ", ".join(each.names),
        "CreatedAt": lambda each: each.created,
        "State": lambda each: each.state,
        "Size": lambda each: _size(each.size),
    },
    columns=_columns,
    table="{{.Session}}\t{{.Kind}}\t{{.ID}}\t{{.Name}}\t{{.CreatedAt}}\t{{.State}}\t{{.Size}}",
    headings={"CreatedAt": "CREATED AT"},
)
