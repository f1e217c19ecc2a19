"""An explained command line: a table of its words and what they mean."""

from __future__ import annotations

import html
import shutil
import textwrap
import unicodedata
from collections.abc import Callable, Sequence

from docker_magics.errors import clean

from .table import Table

_CODE = "font-family: var(--jp-code-font-family, monospace); white-space: pre-wrap"
_MUTED = "color: var(--jp-content-font-color2, #6a6a6a); font-size: smaller"
_CELL = "text-align: left; vertical-align: top; white-space: normal"
#: Characters of a page that is no terminal, and of the words' column.
_WIDTH = 100
_WORDS = 30


class Explanation(Table):
    """WORDS, FULL and MEANING (str), a row for each part of the line.

    A page shows two columns: the words with what they are short for, and the meaning.
    """

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(clean(words), clean(full), clean(said)) for words, full, said in self.to_numpy()]

    def __repr__(self) -> str:
        """Two columns, the meaning in as many lines as it needs."""
        width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
        rows = [(words, _with_full(words, full, said)) for words, full, said in self._rows()]
        column = min(max((len(words) for words, _ in rows), default=0), _WORDS) + 2
        return "\n".join(_lines(words, said, column, width) for words, said in rows)

    def _repr_html_(self) -> str:
        rows = "".join(_row(*row) for row in self._rows())
        return f'<table class="dataframe"><tbody>{rows}</tbody></table>'


def make_explanation(parts: Sequence[tuple[str, str, str]]) -> Explanation:
    """The table of (words, full, meaning)."""
    return Explanation(parts, columns=["WORDS", "FULL", "MEANING"], dtype="str")


def _with_full(words: str, full: str, said: str) -> str:
    return f"= {full}: {said}" if _is_longer(full, words) else said


def _is_longer(full: str, words: str) -> bool:
    return bool(full) and full not in words and words != full.removeprefix("docker ")


def _lines(words: str, said: str, column: int, width: int) -> str:
    room = (width - column) * len(said) // max(_cells(said), 1)
    lines = textwrap.wrap(said, max(room, 20), break_on_hyphens=False) or [""]
    head = words.ljust(column)
    if len(words) >= column:  # a long command stands above its meaning
        lines, head = ["", *lines], words
    return f"\n{' ' * column}".join([head + lines[0], *lines[1:]]).rstrip()


def _cells(text: str) -> int:
    """How wide a text is on a terminal: Korean letters take two cells."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _row(words: str, full: str, said: str) -> str:
    long = f'<br><span style="{_MUTED}">=&nbsp;{html.escape(full)}</span>'
    return (
        f'<tr><th scope="row" style="{_CELL}; font-weight: normal"><code style="{_CODE}">'
        f"{html.escape(words)}{long if _is_longer(full, words) else ''}</code></th>"
        f'<td style="{_CELL}">{html.escape(said)}</td></tr>'
    )
