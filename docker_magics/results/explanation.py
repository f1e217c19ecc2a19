"""The result of `explain`: a table of the words of a command line and their meaning."""

from __future__ import annotations

import html
import shutil
import textwrap
import unicodedata
from collections.abc import Callable, Sequence

from docker_magics.errors import clean

from .table import Table
from .text import NO_FORMULAS

_CODE = "font-family: var(--jp-code-font-family, monospace); white-space: pre-wrap"
_SMALL = "font-size: smaller"
_CELL = "text-align: left; vertical-align: top; white-space: normal"
#: Maximum width of the text in characters, and of its first column.
_WIDTH = 100
_FIRST_COLUMN = 30


class Explanation(Table):
    """A table with the columns WORDS, FULL and MEANING (str), one row for each part of the line.

    It is displayed in two columns: the words with their full form, and the meaning.
    """

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (clean(token), clean(full), clean(meaning)) for token, full, meaning in self.to_numpy()
        ]

    def __repr__(self) -> str:
        """Return two columns, with the meaning wrapped."""
        width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
        rows = [(token, _with_full(token, full, meaning)) for token, full, meaning in self._rows()]
        column = min(max((len(token) for token, _ in rows), default=0), _FIRST_COLUMN) + 2
        return "\n".join(_lines(token, meaning, column, width) for token, meaning in rows)

    def _repr_html_(self) -> str:
        rows = "".join(_row(*row) for row in self._rows())
        return f'<table class="dataframe {NO_FORMULAS}"><tbody>{rows}</tbody></table>'


def make_explanation(parts: Sequence[tuple[str, str, str]]) -> Explanation:
    """Return the table of (words, full form, meaning)."""
    return Explanation(parts, columns=["WORDS", "FULL", "MEANING"], dtype="str")


def _with_full(token: str, full: str, meaning: str) -> str:
    return f"= {full}: {meaning}" if _is_longer(full, token) else meaning


def _is_longer(full: str, token: str) -> bool:
    return bool(full) and full not in token and token != full.removeprefix("docker ")


def _lines(token: str, meaning: str, column: int, width: int) -> str:
    room = (width - column) * len(meaning) // max(_cells(meaning), 1)
    lines = textwrap.wrap(meaning, max(room, 20), break_on_hyphens=False) or [""]
    head = token.ljust(column)
    if len(token) >= column:  # too long: the meaning starts below it
        lines, head = ["", *lines], token
    return f"\n{' ' * column}".join([head + lines[0], *lines[1:]]).rstrip()


def _cells(text: str) -> int:
    """Return the width of a text on a terminal; East Asian wide characters take two cells."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _row(token: str, full: str, meaning: str) -> str:
    long = f'<br><span style="{_CODE}; {_SMALL}">=&nbsp;{html.escape(full)}</span>'
    return (
        f'<tr><th scope="row" style="{_CELL}; font-weight: normal"><code style="{_CODE}">'
        f"{html.escape(token)}</code>{long if _is_longer(full, token) else ''}</th>"
        f'<td style="{_CELL}">{html.escape(meaning)}</td></tr>'
    )
