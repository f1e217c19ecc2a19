"""Solutions as a cell shows them."""

from __future__ import annotations

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import solution
from docker_magics.course.exercises import find, sections
from docker_magics.errors import UsageError

IDS = [name for section in sections().values() for name in section.exercises]


def test_a_solution_shows_its_cell_and_why() -> None:
    shown = solution("02.3", lang="en")
    assert "A solution: 02.3 Writing into a container" in pretty(shown)
    assert "busybox sh -c 'echo hello > /diary.txt'" in pretty(shown)
    assert "echo hello &gt; /diary.txt" in shown._repr_html_()


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("exercise", IDS)
def test_every_solution_is_shown_as_it_is_run(exercise: str, lang: str) -> None:
    match = find(exercise)[1]
    shown = pretty(solution(exercise, lang=lang))
    assert all(line.strip() in shown for line in match.solution.splitlines())
    assert match.why[lang] in shown


def test_korean() -> None:
    assert "정답 예시: 02.1 나의 첫 컨테이너" in pretty(solution("02.1", lang="ko"))


def test_an_unknown_exercise_is_a_one_line_error() -> None:
    with pytest.raises(UsageError, match=r"unknown exercise '02\.77'"):
        solution("02.77")
