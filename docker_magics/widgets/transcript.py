"""The transcript of a console for saved notebooks: text, and HTML in the theme's colours."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from docker_magics.errors import clean
from docker_magics.results.svg import readable

from .style import Colour, Style

#: A run of characters in one style: text, foreground, background, style letters.
Run = tuple[str, Colour, Colour, str]

_ROWS = 2000
#: Control sequences of ECMA-48 (CSI, OSC, single characters), and characters that move the cursor
#: within a line. Line editors end a redraw with `\r` and a move to the right, which is ignored.
_SEQUENCE = re.compile(
    r"\x1b\[(?P<style>[0-9;:]*)m"
    r"|\r\x1b\[[0-9]*C"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])"
    r"|(?P<back>\x08+)|(?P<begin>\r+)(?!\n)|(?P<end>\r*\n)"
)
_HEX = re.compile(r"#[0-9a-f]{6}")
_STYLES = {
    "b": "font-weight: bold",
    "i": "font-style: italic",
    "u": "text-decoration: underline",
    "d": "opacity: 0.7",
    "s": "text-decoration: line-through",
}
#: The sixteen colours, readable on light and dark backgrounds (contrast 4.4): exports have either.
_PALETTE = ("#73787e", "#db3c3c", "#278931", "#9d6f12", "#3a75d6", "#aa50c8", "#13848d", "#74787d")


@dataclass(frozen=True)
class Transcript:
    """A terminal's rows."""

    rows: Sequence[Sequence[Run]]

    @classmethod
    def of(cls, rows: Any) -> Self:
        """Return a transcript of the rows that the page sends; invalid styles are dropped."""
        return cls([[_run(*run) for run in row] for row in rows[-_ROWS:]])

    @classmethod
    def of_output(cls, data: bytes) -> Self:
        """Return a transcript of raw output that no page has rendered: coloured lines."""
        pen = _Pen()
        text, position = data.decode(errors="replace").rstrip(), 0
        for match in _SEQUENCE.finditer(text):
            pen.write(text[position : match.start()])
            pen.apply(match)
            position = match.end()
        pen.write(text[position:])
        return cls(pen.rows[-_ROWS:])

    def bundle(self, title: str, ending: str) -> dict[str, str]:
        """Return the transcript by MIME type, with its title and how it ended."""
        return {"text/plain": self.text(title, ending), "text/html": self.html(title, ending)}

    def text(self, title: str, ending: str) -> str:
        """Return the transcript as text: the command line, the rows, and how it ended."""
        lines = [clean("".join(run[0] for run in row)) for row in self.rows]
        return "\n".join([f"$ {title}", *lines, f"[{ending}]"])

    def html(self, title: str, ending: str) -> str:
        """Return the transcript as self-contained HTML: escaped, without script or style sheet."""
        rows = "\n".join("".join(map(_span, row)) for row in self.rows)
        screen = f'<pre tabindex="0" style="{_SCREEN}">{rows}</pre>' if self.rows else ""
        return (
            f'<div style="{_FRAME}"><div style="{_HEADER}">'
            f'<code style="padding: 0; background: none">{html.escape(title)}</code>'
            f"<span>{html.escape(ending)}</span></div>{screen}</div>"
        )


class _Pen:
    """Writes runs in the current style. It follows lines, but no other cursor movement."""

    def __init__(self) -> None:
        self.rows: list[list[Run]] = [[]]
        self._style = Style()

    def write(self, text: str) -> None:
        if text:
            self.rows[-1].append((text, *self._style.look()))

    def apply(self, match: re.Match[str]) -> None:
        if match["end"]:
            self.rows.append([])
        elif match["begin"]:
            self.rows[-1].clear()
        elif match["back"]:
            for _ in match["back"]:
                self._take_back()
        elif match["style"] is not None:
            self._style.change(match["style"])

    def _take_back(self) -> None:
        while self.rows[-1]:
            text, front, back, letters = self.rows[-1].pop()
            if text[:-1]:
                self.rows[-1].append((text[:-1], front, back, letters))
                return


_LINE = "1px solid var(--jp-border-color2, #d0d0d0)"
_FRAME = f"border: {_LINE}; border-radius: 6px; overflow: hidden; margin: 2px 0; max-width: 100%"
_HEADER = (
    "display: flex; justify-content: space-between; align-items: center; gap: 12px; "
    "padding: 4px 12px; min-height: 24px; font-size: 12px; "
    "background: var(--jp-layout-color2, #f5f5f5); color: var(--jp-content-font-color1, #1f1f1f)"
)
_SCREEN = (
    f"margin: 0; padding: 6px 12px; max-height: 24.5em; overflow: auto; border-top: {_LINE}; "
    "font-family: var(--jp-code-font-family, monospace); font-size: 13px; line-height: 1.3; "
    "background: var(--jp-layout-color0, #fff); color: var(--jp-content-font-color0, #000)"
)


def _run(text: Any, foreground: Any, background: Any, style: Any) -> Run:
    letters = "".join(letter for letter in str(style) if letter in _STYLES)
    return str(text), _colour(foreground), _colour(background), letters


def _colour(value: Any) -> int | str | None:
    """Validate a colour: values from the page become part of a style attribute."""
    if isinstance(value, int):
        return value if 0 <= value < 256 else None
    is_known = isinstance(value, str) and (value == "inverse" or _HEX.fullmatch(value))
    return value if is_known else None


def _span(run: Run) -> str:
    text, foreground, background, letters = run
    styles = [_STYLES[letter] for letter in letters]
    if foreground is not None:
        colour = _css(foreground, "var(--jp-layout-color0, #fff)")
        is_palette = isinstance(foreground, int) and foreground < 16 and background is None
        styles.append(f"color: {readable(colour) if is_palette else colour}")
    if background is not None:
        styles.append(f"background: {_css(background, 'var(--jp-content-font-color0, #000)')}")
    escaped = html.escape(clean(text))
    return f'<span style="{"; ".join(styles)}">{escaped}</span>' if styles else escaped


def _css(colour: int | str, inverse: str) -> str:
    if colour == "inverse":
        return inverse
    if isinstance(colour, str):
        return colour
    if colour < 16:
        return _PALETTE[colour % 8]
    if colour < 232:
        levels = [0, 95, 135, 175, 215, 255]
        place = colour - 16
        red, green, blue = (levels[place // power % 6] for power in (36, 6, 1))
        return f"rgb({red}, {green}, {blue})"
    grey = 8 + 10 * (colour - 232)
    return f"rgb({grey}, {grey}, {grey})"
