"""Pictures of numbers: SVG that is complete in itself, in the notebook's theme, escaped.

A page shows the SVG, a terminal the same as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import clean

from .human import ellipsis
from .svg import COLOURS, LINE, MUTED, WIDTH, colour, picture, text, tooltip

_LABEL = 44

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
        return picture(height, self.title, text(0, 16, self.title, weight=600) + rows)

    def _note(self, bar: Bar) -> str:
        waste = f", {self.show(bar.wasted)} {self.waste}" if bar.wasted else ""
        return self.show(bar.value) + waste

    def _row(self, place: int, bar: Bar) -> str:
        left = 20 + 7 * max(len(ellipsis(each.label, _LABEL)) for each in self.bars)
        notes = max(len(self._note(each)) for each in self.bars)
        width, y = WIDTH - left - 20 - 7 * notes, 34 + 24 * place
        longest = max((each.value for each in self.bars), default=0) or 1
        whole, part = width * bar.value / longest, width * bar.wasted / longest
        note = self._note(bar)
        return (
            f"<g>{tooltip(f'{bar.label}: {note}')}"
            f"{text(0, y + 12, ellipsis(bar.label, _LABEL))}"
            f'<rect x="{left}" y="{y + 2}" width="{width}" height="13" rx="3" fill="{LINE}" '
            'opacity="0.35"/>'
            f'<rect x="{left}" y="{y + 2}" width="{whole:.1f}" height="13" rx="3" '
            f'fill="{COLOURS[0]}"/>'
            f'<rect x="{left + whole - part:.1f}" y="{y + 2}" width="{part:.1f}" height="13" '
            f'rx="3" fill="{COLOURS[1]}"/>'
            f"{text(left + width + 10, y + 12, note, fill=MUTED)}</g>"
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
class Chart:
    """One chart of several: a title, how values are shown, and the top of the scale at least."""

    title: str
    show: Shown
    least: float = 0.0


def small_multiples(panels: Sequence[Chart], series: Sequence[tuple[str, Sequence[Any]]]) -> str:
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
        f'<rect x="{x}" y="{y - 9}" width="10" height="10" rx="2" fill="{colour(place)}"/>'
        + text(x + 16, y, ellipsis(name, 24))
        for place, (name, _samples) in enumerate(series)
        for x, y in [(190 * (place % 4), bottom + 14 + 18 * (place // 4))]
    ]
    title = "use of " + ", ".join(name for name, _samples in series)
    return picture(bottom + 6 + 18 * ((len(series) + 3) // 4), title, "".join(parts))


def _chart(place: int, panel: Chart, series: Sequence[tuple[str, Sequence[Any]]]) -> str:
    left, top = (WIDTH / 2 + 10) * (place % 2), 132 * (place // 2)
    width, height = WIDTH / 2 - 10, 84
    values = [[sample[place] for sample in samples] for _name, samples in series]
    scale = max([panel.least, *(value for line in values for value in line)]) or 1
    count = max([2, *(len(line) for line in values)])
    lines = "".join(
        f'<polyline fill="none" stroke="{colour(number)}" stroke-width="1.6" '
        f'stroke-linejoin="round" points="{_points(line, count, scale, width, height)}"/>'
        for number, line in enumerate(values)
    )
    return (
        f'<g transform="translate({left:.0f} {top})">{text(0, 14, panel.title, weight=600)}'
        f"{text(width, 14, panel.show(scale), fill=MUTED, anchor='end')}"
        f'<g transform="translate(0 24)"><path d="M0 0H{width}M0 {height}H{width}" '
        f'stroke="{LINE}"/>{lines}</g></g>'
    )


def _points(values: Sequence[float], count: int, scale: float, width: float, height: float) -> str:
    """The newest at the right edge."""
    start = count - len(values)
    return " ".join(
        f"{width * (start + place) / (count - 1):.1f},{height * (1 - value / scale):.1f}"
        for place, value in enumerate(values)
    )
