"""Pictures of numbers: SVG that is complete in itself, in the notebook's theme, escaped.

A page shows the SVG, a terminal the same as text.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import clean

from .human import ellipsis

_WIDTH = 760
_LABEL = 44
_FONT = "font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 12px"
_TEXT = "var(--jp-content-font-color1, #1f1f1f)"
_MUTED = "var(--jp-content-font-color2, #6a6a6a)"
_LINE = "var(--jp-border-color2, #d0d0d0)"
#: Told apart with any colour vision, on light and dark ground (after Okabe and Ito).
_COLOURS = ("#3b8ed0", "#d57a00", "#1f9d78", "#c0679c", "#b39500", "#8a7cc8", "#c9503c", "#7d8790")

Shown = Callable[[float], str]


@dataclass(frozen=True)
class Bar:
    """A bar: its label, its whole length, and how much of that is to be told apart (waste)."""

    label: str
    value: float
    wasted: float = 0.0


@dataclass(frozen=True)
class Bars:
    """Bars under each other: layers, disk use.

    Attributes:
        title: what they are of.
        bars: from the top.
        show: value -> text.
        waste: what the part that is told apart is called, "" where there is none.
    """

    title: str
    bars: Sequence[Bar]
    show: Shown
    waste: str = ""

    def _repr_html_(self) -> str:
        rows = "".join(self._row(place, bar) for place, bar in enumerate(self.bars))
        height = 34 + 24 * len(self.bars)
        return _svg(height, self.title, _text(0, 16, self.title, weight=600) + rows)

    def _note(self, bar: Bar) -> str:
        waste = f", {self.show(bar.wasted)} {self.waste}" if bar.wasted else ""
        return self.show(bar.value) + waste

    def _row(self, place: int, bar: Bar) -> str:
        left = 20 + 7 * max(len(ellipsis(each.label, _LABEL)) for each in self.bars)
        notes = max(len(self._note(each)) for each in self.bars)
        width, y = _WIDTH - left - 20 - 7 * notes, 34 + 24 * place
        longest = max((each.value for each in self.bars), default=0) or 1
        whole, part = width * bar.value / longest, width * bar.wasted / longest
        note = self._note(bar)
        return (
            f"<g>{_tip(f'{bar.label}: {note}')}"
            f"{_text(0, y + 12, ellipsis(bar.label, _LABEL))}"
            f'<rect x="{left}" y="{y + 2}" width="{width}" height="13" rx="3" fill="{_LINE}" '
            'opacity="0.35"/>'
            f'<rect x="{left}" y="{y + 2}" width="{whole:.1f}" height="13" rx="3" '
            f'fill="{_COLOURS[0]}"/>'
            f'<rect x="{left + whole - part:.1f}" y="{y + 2}" width="{part:.1f}" height="13" '
            f'rx="3" fill="{_COLOURS[1]}"/>'
            f"{_text(left + width + 10, y + 12, note, fill=_MUTED)}</g>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        longest = max((each.value for each in self.bars), default=0) or 1
        labels = [clean(ellipsis(bar.label, _LABEL)) for bar in self.bars]
        lines = [
            f"{label:{_LABEL}} {'█' * round(20 * bar.value / longest):20} {self._note(bar)}"
            for label, bar in zip(labels, self.bars, strict=True)
        ]
        printer.text("\n".join([clean(self.title), *lines]))


@dataclass(frozen=True)
class Panel:
    """One chart of several: a title, how values are shown, and the top of the scale at least."""

    title: str
    show: Shown
    least: float = 0.0


def small_charts(panels: Sequence[Panel], series: Sequence[tuple[str, Sequence[Any]]]) -> str:
    """Charts beside each other over the same time, a line for each series.

    Args:
        panels: the charts, two in a row.
        series: name and samples; a sample has a number for each panel.

    Returns:
        SVG, with the names under it.
    """
    parts = [_chart(place, panel, series) for place, panel in enumerate(panels)]
    bottom = 132 * ((len(panels) + 1) // 2)
    parts += [
        f'<rect x="{x}" y="{y - 9}" width="10" height="10" rx="2" fill="{_colour(place)}"/>'
        + _text(x + 16, y, ellipsis(name, 24))
        for place, (name, _samples) in enumerate(series)
        for x, y in [(190 * (place % 4), bottom + 14 + 18 * (place // 4))]
    ]
    title = "use of " + ", ".join(name for name, _samples in series)
    return _svg(bottom + 6 + 18 * ((len(series) + 3) // 4), title, "".join(parts))


def _chart(place: int, panel: Panel, series: Sequence[tuple[str, Sequence[Any]]]) -> str:
    left, top = (_WIDTH / 2 + 10) * (place % 2), 132 * (place // 2)
    width, height = _WIDTH / 2 - 10, 84
    values = [[sample[place] for sample in samples] for _name, samples in series]
    scale = max([panel.least, *(value for line in values for value in line)]) or 1
    count = max([2, *(len(line) for line in values)])
    lines = "".join(
        f'<polyline fill="none" stroke="{_colour(number)}" stroke-width="1.6" '
        f'stroke-linejoin="round" points="{_points(line, count, scale, width, height)}"/>'
        for number, line in enumerate(values)
    )
    return (
        f'<g transform="translate({left:.0f} {top})">{_text(0, 14, panel.title, weight=600)}'
        f"{_text(width, 14, panel.show(scale), fill=_MUTED, anchor='end')}"
        f'<g transform="translate(0 24)"><path d="M0 0H{width}M0 {height}H{width}" '
        f'stroke="{_LINE}"/>{lines}</g></g>'
    )


def _points(values: Sequence[float], count: int, scale: float, width: float, height: float) -> str:
    """The newest at the right edge."""
    start = count - len(values)
    return " ".join(
        f"{width * (start + place) / (count - 1):.1f},{height * (1 - value / scale):.1f}"
        for place, value in enumerate(values)
    )


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _svg(height: int, label: str, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{html.escape(clean(label))}" style="max-width: 100%; {_FONT}" '
        f'xmlns="http://www.w3.org/2000/svg">{content}</svg>'
    )


def _text(
    x: float, y: float, text: str, *, fill: str = _TEXT, weight: int = 400, anchor: str = "start"
) -> str:
    escaped = html.escape(clean(text).replace("\n", " ").replace("\t", " "))
    style = f"fill: {fill}; font-weight: {weight}"
    return f'<text x="{x:.0f}" y="{y}" text-anchor="{anchor}" style="{style}">{escaped}</text>'


def _tip(text: str) -> str:
    return f"<title>{html.escape(clean(text))}</title>"
