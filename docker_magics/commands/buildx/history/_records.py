"""The builds that an engine's BuildKit remembers.

source: docker/buildx, commands/history/ls.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError, UsageError
from docker_magics.results import human
from docker_magics.results.listing import text_listing

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.control import Record


def _status(record: Record) -> str:
    if record.completed is None:
        return "Running"
    return "Error" if record.error else "Completed"


def _duration(record: Record) -> str:
    return "" if record.completed is None else f"{record.completed - record.created:.1f}s"


RECORDS = text_listing(
    {
        "ID": lambda record: record.ref,
        "Name": lambda record: record.attributes.get("context", ""),
        "Status": _status,
        "CreatedAt": lambda record: human.ago(record.created),
        "Duration": _duration,
    },
    headings={"ID": "BUILD ID", "CreatedAt": "CREATED AT"},
)


@contextlib.contextmanager
def records_of(engine: Engine) -> Iterator[None]:
    """Turn a failed call of the history into one line.

    Raises:
        EngineError: the call failed.
        UsageError: the engine keeps no history.
    """
    from docker_magics.engine.buildkit.grpc import CallError

    if not engine.has_buildkit:
        raise UsageError("cannot read the history of builds: the engine has no BuildKit")
    engine.require("1.42", "buildx history")
    try:
        yield
    except CallError as error:
        raise EngineError(f"cannot use the history of builds: {error}") from error
