"""The course's pictures: escaped, told in words too, and never wider than their boxes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course.diagrams.drawing import Picture, arrow, box, fitted

EVIL = "</svg><script>x</script>\x1b[2J"


def test_what_strangers_wrote_is_escaped() -> None:
    picture = Picture(EVIL, 100, box(0, 30, 200, 60, [EVIL], heading=EVIL), [EVIL])
    root = ET.fromstring(picture._repr_html_())  # noqa: S314 - it is ours
    assert root.findall(".//{*}script") == []
    assert "\x1b" not in pretty(picture)


def test_a_screen_reader_gets_the_lines() -> None:
    picture = Picture("Life", 100, arrow(0, 5, 20, 5, "start"), ["created", "running"])
    root = ET.fromstring(picture._repr_html_())  # noqa: S314
    assert root.get("role") == "img"
    assert root.findtext("{*}title") == "Life"
    assert root.findtext("{*}desc") == "created\nrunning"
    assert pretty(picture) == "Life\n  created\n  running"


@pytest.mark.parametrize(
    ("words", "width", "shown"),
    [
        ("short", 100, "short"),
        ("a" * 40, 70, "a" * 9 + "…"),
        ("컨테이너가 없어요", 70, "컨테이너가…"),
    ],
)
def test_what_is_too_long_is_cut(words: str, width: float, shown: str) -> None:
    assert fitted(words, width) == shown
