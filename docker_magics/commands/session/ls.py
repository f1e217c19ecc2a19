"""docker session ls: list the objects that this notebook has created."""

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
    """List the objects of a session"""

    usage = "[OPTIONS] [SESSION]"
    aliases = ("session list", "session")
    long = (
        "Without SESSION, the active session's objects are listed, else those of all sessions.\n"
        "Anonymous volumes belong to the session whose containers use them."
    )

    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")
    session: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Any:
        """Return the containers, networks, volumes and images of the session.

        Returns:
            A Table with the columns SESSION, KIND, ID, NAME (str), CREATED (UTC timestamp), STATE
            (str), SIZE (int64, bytes; -1 where the engine does not know). With -q a list of IDs.

        source: Engine API, SystemDataUsage, ContainerList, NetworkList, VolumeList, ImageList.
        """
        objects = session_objects(engine, self.session or engine.labels.get(SESSION))
        return render_listing(LISTING, objects, form=self.format, quiet=self.quiet)


def _identity(item: SessionObject) -> str:
    """Return the short ID; of a volume, the name."""
    return item.identity if item.kind == "volume" else item.identity[:12]


def _size(size: int) -> str:
    return "" if size < 0 else human.size(size)


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, TIME, Column

    return [
        Column("SESSION", lambda item: item.session),
        Column("KIND", lambda item: item.kind),
        Column("ID", _identity, show=lambda identity: human.ellipsis(identity, 12)),
        Column("NAME", lambda item: ", ".join(item.names)),
        Column("CREATED", lambda item: item.created, TIME, human.ago),
        Column("STATE", lambda item: item.state),
        Column("SIZE", lambda item: item.size, INTEGER, _size),
    ]


LISTING = Listing(
    fields={
        "Session": lambda item: item.session,
        "Kind": lambda item: item.kind,
        "ID": _identity,
        "Name": lambda item: ", ".join(item.names),
        "CreatedAt": lambda item: item.created,
        "State": lambda item: item.state,
        "Size": lambda item: _size(item.size),
    },
    columns=_columns,
    table="{{.Session}}\t{{.Kind}}\t{{.ID}}\t{{.Name}}\t{{.CreatedAt}}\t{{.State}}\t{{.Size}}",
    headings={"CreatedAt": "CREATED AT"},
)
