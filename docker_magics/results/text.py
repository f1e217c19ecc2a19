"""Results that are text: shown as they are, without quotes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Self

from docker_magics.errors import clean

#: As a cell's output in Jupyter.
_LINES = "white-space: pre-wrap; margin: 0; font-size: var(--jp-code-font-size, 1em)"


def preformatted(text: str) -> str:
    """HTML of a text, in its lines, where a page has what a cell writes."""
    return f'<pre style="{_LINES}">{html.escape(clean(text))}</pre>'


def align_columns(lines: Sequence[str]) -> str:
    """Lines with tabs in them, in columns as Go's tabwriter sets them for docker.

    source: docker/cli, formatter.go: tabwriter.NewWriter(out, 10, 1, 3, ' ', 0).
    """
    rows = [line.split("\t") for text in lines for line in text.split("\n")]
    widths: dict[int, int] = {}
    for row in rows:
        for place, cell in enumerate(row[:-1]):
            widths[place] = max(widths.get(place, 10), len(cell) + 3)
    return "".join(
        "".join(cell.ljust(widths[place]) for place, cell in enumerate(row[:-1])) + row[-1] + "\n"
        for row in rows
    )


class Text(str):
    """A text that a notebook shows as a terminal would."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(self.rstrip("\n")))


class Lines(list[str]):
    """A list of str that a notebook shows one a line, as docker prints it."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean("\n".join(self)))


class Output(str):  # noqa: SLOT000 - it has attributes
    """What a process wrote: the str is its standard output.

    Attributes:
        stderr: its standard error (with a TTY all is in stdout).
        exit_code: what it exited with; None where nobody waited for it.
        truncated: bytes that were left out because there were too many, 0 for none.
    """

    stderr: str
    exit_code: int | None
    truncated: int

    def __new__(
        cls, stdout: str, stderr: str = "", exit_code: int | None = None, truncated: int = 0
    ) -> Self:
        """Make one; a str takes its text when it is made."""
        self = super().__new__(cls, stdout)
        self.stderr, self.exit_code, self.truncated = stderr, exit_code, truncated
        return self

    def _ipython_display_(self) -> None:
        """Nothing more: it was shown while it came."""


class Data(bytes):
    """An archive that a terminal would write to stdout; a notebook shows how large it is."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(f"<{len(self):,} bytes>")
