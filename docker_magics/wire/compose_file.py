"""The keys of a Compose file in YAML's block style, with their lines.

Flow style (`{a: 1}`) is one value; anchors and merges are not followed.

source: Compose specification; YAML 1.2.2, sections 8.1 and 8.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"\[\]{},&*!|>%@`-][^#:]*?)\s*:(?=\s|$)(.*)"""
)
_BLOCK_SCALAR = re.compile(r"(?:[&!]\S+\s+)*[|>][-+0-9]*\s*(?:#.*)?$")


class Key(NamedTuple):
    """A key of the body: its line, from 1; and its path, `("services", "web", "ports")`."""

    line: int
    path: tuple[str, ...]


class _Level(NamedTuple):
    """An open collection: the column of its keys or dashes, and the name of its last member."""

    column: int
    name: str


def keys(text: str) -> Iterator[Key]:
    """Yield the keys of a Compose file in block style, in order. Items of lists count from 0."""
    levels: list[_Level] = []
    scalar_column: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        content = line.lstrip(" ")
        column = len(line) - len(content)
        if not content.strip() or (scalar_column is not None and column > scalar_column):
            continue
        scalar_column = None
        while content.startswith("- ") or content.strip() == "-":
            _enter(levels, column, _next_index(levels, column))
            rest = content[1:].lstrip(" ")
            column += len(content) - len(rest)
            content = rest
        if match := _KEY.match(content):
            _enter(levels, column, match[1].strip("\"'"))
            yield Key(number, tuple(level.name for level in levels))
            if _BLOCK_SCALAR.match(match[2].strip()):
                scalar_column = column
        elif _BLOCK_SCALAR.match(content):
            scalar_column = levels[-1].column if levels else 0


def _enter(levels: list[_Level], column: int, name: str) -> None:
    """Close what ends at this column, and open a member there.

    A list may be as far left as the key that it belongs to.
    """
    is_item = name.isdecimal()
    while levels and (
        levels[-1].column > column
        or (levels[-1].column == column and (not is_item or levels[-1].name.isdecimal()))
    ):
        levels.pop()
    levels.append(_Level(column, name))


def _next_index(levels: list[_Level], column: int) -> str:
    items = [level.name for level in levels if level.column == column and level.name.isdecimal()]
    return str(int(items[-1]) + 1) if items else "0"
