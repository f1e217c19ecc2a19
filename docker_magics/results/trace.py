"""The trace of a command: its requests as a table, a sequence diagram, and its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.errors import clean
from docker_magics.phrase import Phrase

from . import human
from .sequence import LaneHeadings, Step, milliseconds, sequence_diagram, steps_as_text
from .table import INTEGER, REAL, Column, Table, make
from .text import Output, preformatted

_DETAILS = Phrase("Requests", "요청")
#: Displayed characters of a table cell; the value itself is longer.
_CELL_WIDTH = 48


class Trace(Table):
    """The requests of one command, one per row, in the order in which they were sent.

    Columns: START (float64, seconds since the command began), DURATION (float64, seconds until the
    response was complete, NaN if it was not), METHOD, PATH, QUERY, BODY (str; long bodies are cut,
    secrets are masked), STATUS (int64, 0 without a response), SIZE (int64, bytes of the response
    body), ANSWER (str, a summary of the response).

    Attributes:
        result: the command's own result; None if it failed.
        title: the command and the number of its requests.
        sequence: the arrows of the diagram.
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
        """The arrows of the diagram as a table.

        Columns: AT (float64, seconds), FROM and TO (str), REQUEST (int64, the row number of the
        request, from 1), WHAT (str).
        """
        return make(_STEPS, self.sequence)

    @property
    def exit_code(self) -> int:
        """The exit code of the process that the command ran; 0 if it ran none."""
        return self.result.exit_code or 0 if isinstance(self.result, Output) else 0

    def __repr__(self) -> str:
        """Return the command's own result, and one line for each arrow."""
        return f"{_as_text(self.result)}{clean(self.title)}\n{clean(steps_as_text(self.sequence))}"

    def _repr_html_(self) -> str:
        table = super()._repr_html_()
        requests = f"<details open><summary>{_DETAILS}</summary>{table}</details>"
        picture = sequence_diagram(self.title, self.sequence, self.headings)
        return f"{_as_html(self.result)}{picture}{requests}"


def make_trace(
    rows: Sequence[Any], steps: Sequence[Step], *, title: str, headings: LaneHeadings, result: Any
) -> Trace:
    """Return the table of requests.

    Args:
        rows: one object per request; its attributes are `Trace`'s columns in lower case.
        steps: the arrows of the diagram.
        title: the diagram's title.
        headings: of the diagram's lanes.
        result: the command's own result.
    """
    table = make(_REQUESTS, rows)
    trace = Trace(table)
    for name, value in (
        ("shown", table.shown),
        ("title", title),
        ("headings", headings),
        ("sequence", steps),
        ("result", result),
    ):
        object.__setattr__(trace, name, value)
    return trace


def _cut(text: str) -> str:
    return human.ellipsis(human.short_ids(text), _CELL_WIDTH)


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
    """Whether the result is not empty and was not already shown as it arrived."""
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
