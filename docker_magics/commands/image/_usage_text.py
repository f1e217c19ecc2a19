"""docker images: the CLI's text, on a terminal with colors and a legend.

source: docker/cli, cli/command/image/tree.go and internal/tui.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docker_magics.results import human

from ._usage import HEADINGS, UNTAGGED, ImageUsage, branches

_GAP = "   "
#: Widths of the columns behind the names.
_WIDTHS = (12, 10, 12, 5)
_MIN_NAME_WIDTH = 12
_MIN_SCREEN_WIDTH = 20

_PLAIN, _FAINT = "\x1b[39m", "\x1b[39m\x1b[2m"
_TITLE, _NAME = "\x1b[39m\x1b[1m", "\x1b[34m\x1b[1m"
_RESET = "\x1b[0m"
_IN_USE = f"\x1b[38;5;0m\x1b[48;5;14m U {_RESET}"
_INFO = f"\x1b[1m\x1b[106m\x1b[30mi{_RESET}{_RESET} \x1b[96mInfo → {_RESET}{_RESET}"


def usage_text(rows: Sequence[ImageUsage], screen_width: int) -> str:
    """Return the CLI's table of images.

    Args:
        rows: the images, sorted.
        screen_width: the width of the terminal; 0 for a pipe.
    """
    width = max(screen_width, _MIN_SCREEN_WIDTH) if screen_width else 0
    columns = _visible_columns(width)
    style = _Style(
        has_colors=bool(width) and not os.environ.get("NO_COLOR"),
        columns=columns,
        name_width=_name_width(rows, width, columns),
    )
    spaced = any(row.platforms for row in rows)
    lines = [style.legend(width)] if width else []
    lines.append(style.heading())
    for row in rows:
        lines += style.image(row)
        lines += [""] * spaced
    return "".join(f"{line}\n" for line in lines)


def _visible_columns(width: int) -> int:
    """Return how many columns behind the names fit into the width."""
    left = width
    for place, column in enumerate(_WIDTHS):
        left -= len(_GAP) + column
        if width and left < _MIN_NAME_WIDTH:
            return place
    return len(_WIDTHS)


def _name_width(rows: Sequence[ImageUsage], width: int, columns: int) -> int:
    labels = [name for row in rows for name in row.names or (UNTAGGED,)]
    labels += [label for row in rows for label, _ in branches(row)]
    # The CLI counts the bytes of a branch, not its characters.
    widest = max(len(label.encode()) for label in [HEADINGS[0], *labels])
    room = width - sum(len(_GAP) + column for column in _WIDTHS[:columns])
    return min(widest, room) if width else widest


class _Style(NamedTuple):
    has_colors: bool
    columns: int
    name_width: int

    def legend(self, width: int) -> str:
        text = "i Info →   U  In Use" if self.has_colors else "Info ->  U In Use"
        colored = f"{_INFO} {_IN_USE} In Use" if self.has_colors else text
        return " " * (width - len(text)) + colored

    def heading(self) -> str:
        name, *others = HEADINGS
        cells = [
            self._colored(title, _TITLE) + " " * (width - len(title))
            for title, width in zip(others, _WIDTHS, strict=True)
        ]
        return _GAP.join([self._name(name, _TITLE), *cells[: self.columns]])

    def image(self, row: ImageUsage) -> Iterator[str]:
        """Yield the lines of an image: its names, the last one with its sizes, and platforms."""
        color = _NAME if row.names else _FAINT
        *others, last = row.names or (UNTAGGED,)
        yield from (self._name(name, color) for name in others)
        label = self._name(last, color)
        if len(last) > self.name_width and row.names:
            yield label
            label = " " * self.name_width
        yield _GAP.join([label, *self._details(row, _PLAIN)])
        for branch, platform in branches(row):
            color = _PLAIN if platform.is_available else _FAINT
            yield _GAP.join([self._name(branch, color), *self._details(platform, color)])

    def _name(self, name: str, color: str) -> str:
        return self._colored(name, color) + " " * (self.name_width - len(name))

    def _details(self, row: ImageUsage, color: str) -> Sequence[str]:
        disk, content = human.size(row.disk), human.size(row.content)
        cells = [
            self._colored(row.identity, color) + " " * (_WIDTHS[0] - len(row.identity)),
            " " * (_WIDTHS[1] - len(disk)) + self._colored(disk, color),
            " " * (_WIDTHS[2] - len(content)) + self._colored(content, color),
            self._mark(in_use=row.in_use),
        ]
        return cells[: self.columns]

    def _mark(self, *, in_use: bool) -> str:
        if self.has_colors and in_use:
            return _IN_USE + " " * (_WIDTHS[3] - len(" U "))
        return f"{'U' if in_use else '':<{_WIDTHS[3]}}"

    def _colored(self, text: str, color: str) -> str:
        return f"{color}{text}{_RESET}" if self.has_colors else text
