"""Charts: self-contained, escaped, and readable as text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from IPython.lib.pretty import pretty

from docker_magics.results.human import size
from docker_magics.results.plots import Bar, Bars, Chart, small_multiples

HOSTILE = "<script>alert('1')</script>\x1b[2J"
_SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - it was made here


def rects(svg: str) -> list[ET.Element]:
    return parsed(svg).findall(f".//{_SVG}rect")


def test_bar_lengths_are_proportional_to_values() -> None:
    bars = Bars("Disk use", [Bar("a", 100.0, 25.0), Bar("b", 50.0)], size, waste="reclaimable")
    page = bars._repr_html_()
    ground, whole, waste = (float(rect.get("width", "")) for rect in rects(page)[:3])
    assert whole == ground
    assert round(waste) == round(ground / 4)
    assert round(float(rects(page)[4].get("width", ""))) == round(ground / 2)
    assert "100B, 25B reclaimable" in page
    assert pretty(bars).splitlines()[1:] == [
        f"{'a':44} {'█' * 20} 100B, 25B reclaimable",
        f"{'b':44} {'█' * 10:20} 50B",
    ]


def test_untrusted_text_is_escaped() -> None:
    page = Bars(HOSTILE, [Bar(HOSTILE, 1.0)], size)._repr_html_()
    page += small_multiples([Chart("CPU", size)], [(HOSTILE, [(1.0,), (2.0,)])])
    assert "<script" not in page
    assert "\x1b" not in page


def test_empty_charts() -> None:
    assert rects(Bars("no layers", [], size)._repr_html_()) == []
    assert rects(Bars("empty", [Bar("a", 0.0)], size)._repr_html_())
    parsed(small_multiples([Chart("CPU", size)], [("web", [(0.0,)])]))


def test_a_chart_has_a_line_for_each_container() -> None:
    series = [("one", [(0.0, 1.0), (2.0, 1.0)]), ("two", [(1.0, 3.0)])]
    svg = parsed(small_multiples([Chart("CPU", size), Chart("Memory", size)], series))
    lines = [line.get("points", "") for line in svg.iter(f"{_SVG}polyline")]
    assert [len(points.split()) for points in lines] == [2, 1, 2, 1]
    assert lines[0].split()[0].endswith(",84.0")  # zero is at the bottom
    assert lines[0].split()[1].endswith(",0.0")
