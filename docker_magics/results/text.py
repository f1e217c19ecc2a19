"""Text results: displayed without quotes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Self

from docker_magics.errors import clean

#: The style of a cell's text output in Jupyter.
_PRE_STYLE = "white-space: pre-wrap; margin: 0; font-size: var(--jp-code-font-size, 1em)"


def preformatted(text: str) -> str:
    """Return a text as an HTML <pre> in the style of a cell's text output."""
    return f'<pre style="{_PRE_STYLE}">{html.escape(clean(text))}</pre>'


def align_columns(lines: Sequence[str]) -> str:
    """Align tab-separated lines in columns, as Go's tabwriter does for docker.

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
    """A str that a notebook displays as a terminal would."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(self.rstrip("\n")))


class Lines(list[str]):
    """A list of str that a notebook displays one per line, as docker prints it."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean("\n".join(self)))


class Output(str):  # noqa: SLOT000 - it has attributes
    """The output of a process: the str itself is its stdout.

    Attributes:
        stderr: its stderr; with a TTY, everything is in stdout.
        exit_code: its exit code; None if it was not awaited.
        truncated: the number of bytes dropped because the output was too large.
    """

    stderr: str
    exit_code: int | None
    truncated: int

    def __new__(
        cls, stdout: str, stderr: str = "", exit_code: int | None = None, truncated: int = 0
    ) -> Self:
        """Create the str; its content can only be set here."""
        self = super().__new__(cls, stdout)
        self.stderr, self.exit_code, self.truncated = stderr, exit_code, truncated
        return self

    def _ipython_display_(self) -> None:
        """Display nothing: the output was shown as it arrived."""


class Data(bytes):
    """A tar archive that the CLI writes to stdout; a notebook displays only its size."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(f"<{len(self):,} bytes>")
