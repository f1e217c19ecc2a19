"""Diagrams of boxes and arrows, with a text alternative."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import clean
from docker_magics.results.human import ellipsis
from docker_magics.results.svg import COLOURS, LINE, MUTED, TEXT, WIDTH, picture, text, tooltip

BLUE, ORANGE, GREEN = COLOURS[:3]
RED = COLOURS[6]
__all__ = ["BLUE", "GREEN", "LINE", "MUTED", "ORANGE", "RED", "TEXT", "WIDTH", "text"]
#: Widths of Latin and Korean characters in pixels.
_NARROW, _WIDE = 6.6, 12.2


@dataclass(frozen=True)
class Picture:
    """A diagram: SVG in a notebook, lines of text in a terminal and for screen readers.

    Attributes:
        title: the diagram's title.
        height: in pixels.
        content: escaped SVG.
        lines: the text alternative.
    """

    title: str
    height: int
    content: str
    lines: Sequence[str]

    def _repr_html_(self) -> str:
        heading = text(0, 16, self.title, weight=600)
        described = "\n".join(self.lines)
        return picture(self.height, self.title, heading + self.content, description=described)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean("\n".join([self.title, *(f"  {line}" for line in self.lines)])))


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    lines: Sequence[str] = (),
    *,
    colour: str = LINE,
    heading: str = "",
    dashed: bool = False,
) -> str:
    """Return a box with a heading and lines; long lines are cut, the tooltip has the full text."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    frame = (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="6" '
        f'fill="{colour}" fill-opacity="0.10" stroke="{colour}" stroke-width="1.4"{dash}/>'
    )
    top = y + 18
    parts = [text(x + 10, top, fitted(heading, width - 20), weight=600)] if heading else []
    top += 17 if heading else 0
    parts += [
        text(x + 10, top + 16 * place, fitted(line, width - 20), fill=MUTED if heading else TEXT)
        for place, line in enumerate(lines)
    ]
    whole = "\n".join([heading, *lines] if heading else lines)
    return f"<g>{tooltip(whole)}{frame}{''.join(parts)}</g>"


def arrow(
    x1: float, y1: float, x2: float, y2: float, label: str = "", *, colour: str = MUTED
) -> str:
    """Return a horizontal or vertical arrow, with its label above or to the right."""
    level = y1 == y2
    back = -7 if (x2 > x1 if level else y2 > y1) else 7
    head = f"M{x2:.0f} {y2:.0f}l{back} -4v8z" if level else f"M{x2:.0f} {y2:.0f}l-4 {back}h8z"
    line = (
        f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" stroke="{colour}" stroke-width="1.6"/>'
        f'<path d="{head}" fill="{colour}"/>'
    )
    if not label:
        return line
    if level:
        return line + text((x1 + x2) / 2, min(y1, y2) - 6, label, anchor="middle", fill=MUTED)
    return line + text(x1 + 8, (y1 + y2) / 2 + 4, label, fill=MUTED)


def fitted(text: str, width: float) -> str:
    """Shorten a text to fit in `width` pixels."""
    used = 0.0
    for place, letter in enumerate(text):
        used += _WIDE if unicodedata.east_asian_width(letter) in "WF" else _NARROW
        if used > width:
            return ellipsis(text, place)
    return text
