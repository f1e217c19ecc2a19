"""SVG building blocks: in the colours of the notebook's theme, escaped, self-contained."""

from __future__ import annotations

import html

from docker_magics.errors import clean

from .text import NO_FORMULAS

WIDTH = 760
_STYLE = (
    "max-width: 100%; font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 12px"
)
TEXT = "var(--jp-content-font-color1, #1f1f1f)"
MUTED = "var(--jp-content-font-color2, #6a6a6a)"
LINE = "var(--jp-border-color2, #d0d0d0)"
#: A palette for all kinds of colour vision, on light and dark backgrounds (after Okabe and Ito).
COLOURS = ("#3b8ed0", "#d57a00", "#1f9d78", "#c0679c", "#b39500", "#8a7cc8", "#c9503c", "#7d8790")


def readable(css: str) -> str:
    """Mix a colour with the theme's text colour: contrast 4.5 as text, on light and dark.

    Outside of JupyterLab, without its variables, the colour stays as it is.
    """
    return f"color-mix(in srgb, {css} 75%, var(--jp-content-font-color0, {css}))"


def colour(place: int) -> str:
    """Return the colour of the n-th series."""
    return COLOURS[place % len(COLOURS)]


def picture(height: int, label: str, content: str, *, description: str = "") -> str:
    """Return a complete <svg> element.

    Args:
        height: in pixels. The width is WIDTH. A margin of one pixel keeps lines on the edge whole.
        label: a short text alternative for screen readers.
        content: the SVG inside.
        description: a long text alternative; adds <title> and <desc> elements.
    """
    details = (
        f"{tooltip(label)}<desc>{html.escape(clean(description))}</desc>" if description else ""
    )
    wide, high = WIDTH + 2, height + 2
    return (
        f'<svg viewBox="-1 -1 {wide} {high}" width="{wide}" height="{high}" role="img" '
        f'class="{NO_FORMULAS}" aria-label="{html.escape(clean(label))}" style="{_STYLE}" '
        f'xmlns="http://www.w3.org/2000/svg">{details}{content}</svg>'
    )


def text(
    x: float, y: float, text: str, *, fill: str = TEXT, weight: int = 400, anchor: str = "start"
) -> str:
    """Return one line of text."""
    escaped = html.escape(clean(text).replace("\n", " ").replace("\t", " "))
    style = f"fill: {fill}; font-weight: {weight}"
    return f'<text x="{x:.0f}" y="{y}" text-anchor="{anchor}" style="{style}">{escaped}</text>'


def tooltip(text: str) -> str:
    """Return a <title>, which browsers show as a tooltip."""
    return f"<title>{html.escape(clean(text))}</title>"
