"""Charts: self-contained SVG in a notebook, text in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import clean

from .human import ellipsis
from .svg import COLOURS, LINE, MUTED, WIDTH, colour, picture, text, tooltip

#: Maximum characters of a bar's label.
_LABEL = 44

Formatter = Callable[[float], str]


@dataclass(frozen=True)
class Bar:
    """A bar: its label, its total length, and the wasted part of that length."""

    label: str
    value: float
    wasted: float = 0.0


@dataclass(frozen=True)
class Bars:
    """A horizontal bar chart: layers, disk usage.

    Attributes:
        title: the chart's title.
        bars: the bars from top to bottom.
        show: formats a value.
        waste: the name of the wasted part, `wasted`; "" if no bar has one.
    """

    title: str
    bars: Sequence[Bar]
    show: Formatter
    waste: str = ""

    def _repr_html_(self) -> str:
        rows = "".join(self._row(place, bar) for place, bar in enumerate(self.bars))
        height = 34 + 24 * len(self.bars)
        return picture(height, self.title, text(0, 16, self.title, weight=600) + rows)

    def _note(self, bar: Bar) -> str:
        waste = f", {self.show(bar.wasted)} {self.waste}" if bar.wasted else ""
        return self.show(bar.value) + waste

    def _row(self, place: int, bar: Bar) -> str:
        left = 20 + 7 * max(len(ellipsis(other.label, _LABEL)) for other in self.bars)
        notes = max(len(self._note(other)) for other in self.bars)
        width, y = WIDTH - left - 20 - 7 * notes, 34 + 24 * place
        longest = max((other.value for other in self.bars), default=0) or 1
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
        longest = max((bar.value for bar in self.bars), default=0) or 1
        labels = [clean(ellipsis(bar.label, _LABEL)) for bar in self.bars]
        lines = [
            f"{label:{_LABEL}} {'█' * round(20 * bar.value / longest):20} {self._note(bar)}"
            for label, bar in zip(labels, self.bars, strict=True)
        ]
        printer.text("\n".join([clean(self.title), *lines]))


@dataclass(frozen=True)
class Chart:
    """One line chart of several.

    Attributes:
        title: the chart's title.
        show: formats a value.
        least: the minimum top of the scale.
    """

    title: str
    show: Formatter
    least: float = 0.0


def small_multiples(charts: Sequence[Chart], series: Sequence[tuple[str, Sequence[Any]]]) -> str:
    """Return line charts over the same period, two in a row, with one line for each series.

    Args:
        charts: the charts.
        series: name and samples of each series; a sample has one number for each chart.

    Returns:
        SVG with a legend below the charts.
    """
    parts = [_chart(place, chart, series) for place, chart in enumerate(charts)]
    bottom = 132 * ((len(charts) + 1) // 2)
    parts += [
        f'<rect x="{x}" y="{y - 9}" width="10" height="10" rx="2" fill="{colour(place)}"/>'
        + text(x + 16, y, ellipsis(name, 24))
        for place, (name, _samples) in enumerate(series)
        for x, y in [(190 * (place % 4), bottom + 14 + 18 * (place // 4))]
    ]
    title = "use of " + ", ".join(name for name, _samples in series)
    return picture(bottom + 6 + 18 * ((len(series) + 3) // 4), title, "".join(parts))


def _chart(place: int, chart: Chart, series: Sequence[tuple[str, Sequence[Any]]]) -> str:
    left, top = (WIDTH / 2 + 10) * (place % 2), 132 * (place // 2)
    width, height = WIDTH / 2 - 10, 84
    values = [[sample[place] for sample in samples] for _name, samples in series]
    scale = max([chart.least, *(value for line in values for value in line)]) or 1
    count = max([2, *(len(line) for line in values)])
    lines = "".join(
        f'<polyline fill="none" stroke="{colour(number)}" stroke-width="1.6" '
        f'stroke-linejoin="round" points="{_points(line, count, scale, width, height)}"/>'
        for number, line in enumerate(values)
    )
    return (
        f'<g transform="translate({left:.0f} {top})">{text(0, 14, chart.title, weight=600)}'
        f"{text(width, 14, chart.show(scale), fill=MUTED, anchor='end')}"
        f'<g transform="translate(0 24)"><path d="M0 0H{width}M0 {height}H{width}" '
        f'stroke="{LINE}"/>{lines}</g></g>'
    )


def _points(values: Sequence[float], count: int, scale: float, width: float, height: float) -> str:
    """Return the points of a polyline, the newest at the right edge."""
    start = count - len(values)
    return " ".join(
        f"{width * (start + place) / (count - 1):.1f},{height * (1 - value / scale):.1f}"
        for place, value in enumerate(values)
    )
