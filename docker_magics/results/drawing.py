"""What pictures are drawn with: SVG complete in itself, in the notebook's theme, escaped."""

from __future__ import annotations

import html

from docker_magics.errors import clean

WIDTH = 760
TEXT = "var(--jp-content-font-color1, #1f1f1f)"
MUTED = "var(--jp-content-font-color2, #6a6a6a)"
LINE = "var(--jp-border-color2, #d0d0d0)"
#: Told apart with any colour vision, on light and dark ground (after Okabe and Ito).
COLOURS = ("#3b8ed0", "#d57a00", "#1f9d78", "#c0679c", "#b39500", "#8a7cc8", "#c9503c", "#7d8790")
_FONT = "font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 12px"


def svg(height: int, label: str, content: str, *, description: str = "") -> str:
    """A picture of the notebook's width.

    Args:
        height: in pixels.
        label: what it is of, for who hears it.
        content: SVG, escaped.
        description: what it shows, for who hears it.
    """
    heard = f"{tip(label)}<desc>{_escaped(description)}</desc>" if description else ""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{_escaped(label)}" style="max-width: 100%; overflow: visible; {_FONT}" '
        f'xmlns="http://www.w3.org/2000/svg">{heard}{content}</svg>'
    )


def text(
    x: float, y: float, words: str, *, fill: str = TEXT, weight: int = 400, anchor: str = "start"
) -> str:
    """One line of text, its foot at y."""
    escaped = html.escape(clean(words).replace("\n", " ").replace("\t", " "))
    style = f"fill: {fill}; font-weight: {weight}"
    return f'<text x="{x:.0f}" y="{y}" text-anchor="{anchor}" style="{style}">{escaped}</text>'


def tip(words: str) -> str:
    """What shows when the pointer rests on what it is in."""
    return f"<title>{_escaped(words)}</title>"


def _escaped(words: str) -> str:
    return html.escape(clean(words))
