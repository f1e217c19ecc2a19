"""Text results: displayed without quotes."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.phrase import Phrase

#: The classes of HTML in which dollar signs are text, not formulas: MathJax 3 and 2.
NO_FORMULAS = "mathjax_ignore tex2jax_ignore"
#: Lines of a build's output that are shown; earlier ones are folded.
FOLD_LINES = 10
#: The width of a tab.
_TAB = 8
#: The style of a cell's text output in Jupyter.
_PRE_STYLE = "white-space: pre-wrap; margin: 0; font-size: var(--jp-code-font-size, 1em)"


def preformatted(text: str) -> str:
    """Return a text as an HTML <pre> in the style of a cell's text output."""
    import html

    return f'<pre style="{_PRE_STYLE}">{html.escape(clean(text))}</pre>'


def folded(text: str, shown: int = FOLD_LINES) -> str:
    """Return a text as preformatted HTML; lines before the last ones unfold at a click.

    Args:
        text: the text.
        shown: the number of lines that are not folded.
    """
    import html

    lines = text.split("\n")
    earlier, last = lines[:-shown], lines[-shown:]
    if not earlier:
        return preformatted(text)
    summary = html.escape(earlier_lines(len(earlier)))
    return (
        f'<details><summary style="cursor: pointer">{summary}</summary>'
        f"{preformatted(chr(10).join(earlier))}</details>{preformatted(chr(10).join(last))}"
    )


def earlier_lines(count: int) -> str:
    """Return the label of folded lines."""
    plural = "" if count == 1 else "s"
    return str(Phrase(f"{count} earlier line{plural}", f"앞의 {count}줄"))


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


def aligned(rows: Sequence[tuple[str, str]]) -> str:
    """Align two columns, as Go's tabwriter does with a padding of one."""
    width = max((len(label) for label, _ in rows), default=0) + 1
    return "".join(f"{label:<{width}}{value}\n" for label, value in rows)


def tabbed(rows: Sequence[tuple[str, str]]) -> str:
    """Align two columns with tabs, as Go's tabwriter does with cells of 8 characters."""
    tabs = max((len(name) for name, _ in rows), default=0) // _TAB + 1
    return "".join(name + "\t" * (tabs - len(name) // _TAB) + text + "\n" for name, text in rows)


class Text(str):  # noqa: SLOT000 - it has attributes
    """A str that a notebook displays as a terminal would.

    Attributes:
        bytes: what the CLI would print, in UTF-8.
    """

    bytes: builtins.bytes

    def __new__(cls, text: str, *, raw: str | None = None) -> Self:
        """Create the str; its content can only be set here."""
        self = super().__new__(cls, text)
        self.bytes = (text if raw is None else raw).encode()
        return self

    def value(self) -> Text:
        """Return the text without the newline at its end, as `$(...)` does."""
        return Text(self.rstrip("\r\n"), raw=self)

    def __repr__(self) -> str:
        """Return the text itself: `ipython --classic` displays it."""
        return clean(self.rstrip("\n"))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(repr(self))


#: What the docker CLI prints for a template that made no text; a cell shows nothing.
BLANK_LINE = Text("", raw="\n")


@contextmanager
def blank_line_after_errors() -> Iterator[None]:
    """Let a template that cannot be executed print a blank line, as the docker CLI does."""
    try:
        yield
    except DockerMagicsError as error:
        error.result = BLANK_LINE
        raise


class Usage(Text):
    """A help page that the line did not ask for; the docker CLI writes it to stderr."""

    __slots__ = ()


class Shown(Text):
    """A text that was shown as it arrived."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        """Display nothing."""


class Lines(list[str]):
    """A list of str that a notebook displays one per line, as docker prints it."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean("\n".join(self)))


class Output(str):  # noqa: SLOT000 - it has attributes
    """The output of a process: the str itself is its stdout, without the newline at its end.

    Attributes:
        bytes: its stdout as the process wrote it.
        stderr: its stderr, without the newline; with a TTY, everything is in stdout.
        exit_code: its exit code; None if it was not awaited.
        truncated: the number of bytes dropped because the output was too large.
        is_shown: whether it was shown as it arrived: the next display shows nothing.
    """

    bytes: builtins.bytes
    stderr: str
    exit_code: int | None
    truncated: int
    is_shown: bool

    def __new__(
        cls,
        stdout: str,
        stderr: str = "",
        exit_code: int | None = None,
        truncated: int = 0,
        *,
        raw: builtins.bytes | None = None,
    ) -> Self:
        """Create the str; its content can only be set here."""
        self = super().__new__(cls, stdout.rstrip("\r\n"))
        self.bytes = stdout.encode() if raw is None else raw
        self.stderr = stderr.rstrip("\r\n")
        self.exit_code, self.truncated, self.is_shown = exit_code, truncated, False
        return self

    def _ipython_display_(self) -> None:
        """Write the output to the streams as the process wrote it, unless it was just shown."""
        if not self.is_shown:
            sys.stdout.write(self.bytes.decode(errors="replace"))
            sys.stderr.write(f"{self.stderr}\n" if self.stderr else "")
        self.is_shown = False


class Data(bytes):
    """A tar archive that the CLI writes to stdout; a notebook displays only its size."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(f"<{len(self):,} bytes>")
