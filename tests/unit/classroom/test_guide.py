"""The instructor's guide in both languages: its plans fit the exercises and the overview."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from docker_magics.course.exercises import sections

ROOT = Path(__file__).parent.parent.parent.parent
GUIDES = {"en": ROOT / "docs/teaching.md", "ko": ROOT / "docs/teaching.ko.md"}
OVERVIEWS = {"en": ROOT / "notebooks", "ko": ROOT / "notebooks/ko"}
_HEADING = r"^## (\d\d) (.*): (\d+) ?(?:minutes|분)$"
_STEP = r"^\| (\d+) \| .* \|(.*)\|$"


def plans(language: str) -> dict[str, str]:
    """Return the text of each section's part of a guide, its heading included."""
    parts = re.split(r"^(?=## )", GUIDES[language].read_text(), flags=re.MULTILINE)
    return {match[1]: part for part in parts if (match := re.match(_HEADING, part, re.MULTILINE))}


@pytest.mark.parametrize("language", list(GUIDES))
def test_each_section_has_a_plan_with_all_exercises(language: str) -> None:
    assert list(plans(language)) == list(sections())
    for number, part in plans(language).items():
        heading = re.match(_HEADING, part, re.MULTILINE)
        assert heading is not None
        steps = re.findall(_STEP, part, re.MULTILINE)
        assert heading[2] == sections()[number].title[language]
        assert (
            sum(int(minutes) for minutes, _ in steps)
            == int(heading[3])
            == minutes_of(number, language)
        )
        planned = [name for _, names in steps for name in re.findall(r"\d\d\.\d+", names)]
        assert sorted(planned) == sorted(sections()[number].exercises)
        assert part.count("\n- ") >= 3
        assert part.count("\n| ") >= len(steps) + 6


def minutes_of(section: str, language: str) -> int:
    """Return the minutes of a section in the overview's table."""
    overview = json.loads((OVERVIEWS[language] / "00-overview.ipynb").read_text())
    text = "".join(overview["cells"][0]["source"])
    match = re.search(rf"^\| \[{section} [^|]*\|[^|]*\| (\d+) \|", text, re.MULTILINE)
    assert match is not None
    return int(match[1])


def test_both_languages_have_the_same_plan() -> None:
    english, korean = plans("en"), plans("ko")
    for number in sections():
        assert re.findall(_STEP, english[number], re.MULTILINE) == re.findall(
            _STEP, korean[number], re.MULTILINE
        )
        assert english[number].count("\n") == korean[number].count("\n")
