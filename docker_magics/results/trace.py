"""What a command sent, as a table, with the command's own result and a picture of the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.errors import clean

from . import human
from .sequence import LaneHeadings, Step, milliseconds, sequence_diagram, steps_as_text
from .table import INTEGER, REAL, Column, Table, make
from .text import Output, preformatted

#: Characters of a cell that is shown; underneath is more.
_SHOWN = 48


class Trace(Table):
    """The requests of one command, a row for each, in the order in which they were sent.

    Columns: START and DURATION (float64, seconds: since the command began, and until the answer
    was whole; NaN where it is not), METHOD, PATH, QUERY, BODY (str; long ones cut, secrets left
    out), STATUS (int64, 0 for no answer), SIZE (int64, bytes of the answer), ANSWER (str, in
    short).

    Attributes:
        result: what the command itself gave; None where it failed.
        title: the command and how many requests it took.
        sequence: the arrows of the picture.
        headings: the name and description above each lane.
    """

    _metadata = [*Table._metadata, "result", "title", "sequence", "headings"]  # noqa: RUF012, SLF001 - pandas' protocol
    result: Any = None
    title: str = ""
    sequence: Sequence[Step] = ()
    headings: LaneHeadings

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    @property
    def steps(self) -> Table:
        """The arrows: AT (float64, seconds), FROM, TO (str), REQUEST (int64: a row's number from
        1), WHAT (str).
        """
        return make(_STEPS, self.sequence)

    @property
    def exit_code(self) -> int:
        """The exit code of the process that the command showed, 0 where it showed none."""
        return self.result.exit_code or 0 if isinstance(self.result, Output) else 0

    def __repr__(self) -> str:
        """The command's own result, and a line for each arrow."""
        return f"{_as_text(self.result)}{clean(self.title)}\n{clean(steps_as_text(self.sequence))}"

    def _repr_html_(self) -> str:
        requests = f"<details open><summary>Requests</summary>{super()._repr_html_()}</details>"
        picture = sequence_diagram(self.title, self.sequence, self.headings)
        return f"{_as_html(self.result)}{picture}{requests}"


def make_trace(
    rows: Sequence[Any], steps: Sequence[Step], *, title: str, headings: LaneHeadings, result: Any
) -> Trace:
    """The table of requests.

    Args:
        rows: one a request, with the attributes of `Trace`'s columns in small letters.
        steps: the arrows.
        title: of the picture.
        headings: of the diagram's lanes.
        result: the command's own.
    """
    table = make(_REQUESTS, rows)
    found = Trace(table)
    for name, value in (
        ("shown", table.shown),
        ("title", title),
        ("headings", headings),
        ("sequence", steps),
        ("result", result),
    ):
        object.__setattr__(found, name, value)
    return found


def _cut(text: str) -> str:
    return human.ellipsis(human.short_ids(text), _SHOWN)


_REQUESTS = [
    Column("START", lambda row: row.start, REAL, milliseconds),
    Column("DURATION", lambda row: row.duration, REAL, milliseconds),
    Column("METHOD", lambda row: row.method),
    Column("PATH", lambda row: row.path, show=_cut),
    Column("QUERY", lambda row: row.query, show=_cut),
    Column("BODY", lambda row: row.body, show=_cut),
    Column("STATUS", lambda row: row.status, INTEGER),
    Column("SIZE", lambda row: row.size, INTEGER, human.size),
    Column("ANSWER", lambda row: row.answer, show=_cut),
]
_STEPS = [
    Column("AT", lambda step: step.at, REAL, milliseconds),
    Column("FROM", lambda step: step.sender.title),
    Column("TO", lambda step: step.receiver.title),
    Column("REQUEST", lambda step: step.request, INTEGER),
    Column("WHAT", lambda step: step.text),
]


def _is_shown(result: Any) -> bool:
    """Whether there is something to show that was not shown while it came."""
    is_empty = isinstance(result, str | list) and not result
    return result is not None and not is_empty and not isinstance(result, Output)


def _as_text(result: Any) -> str:
    from IPython.lib.pretty import pretty

    return f"{pretty(result)}\n\n" if _is_shown(result) else ""


def _as_html(result: Any) -> str:
    if not _is_shown(result):
        return ""
    if (page := getattr(result, "_repr_html_", None)) is not None:
        return str(page())
    return preformatted(_as_text(result).rstrip())
