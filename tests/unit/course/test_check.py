"""Results of checks: problems, hints, progress, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import check
from docker_magics.course.check_result import CheckResult, rich
from docker_magics.course.checking import check_of, find_gaps
from docker_magics.course.exercise import Exercise, Section
from docker_magics.course.gap import Gap
from docker_magics.course.lab import Lab
from docker_magics.course.progress import Learner
from docker_magics.errors import BadRequest, EngineUnreachable, ExerciseNotDone, UsageError
from docker_magics.phrase import Phrase
from docker_magics.session import Session

EVIL = "<script>`x`</script>\x1b[2J"


def hints() -> tuple[Phrase, ...]:
    """Return new phrases, as each check of an exercise creates them anew."""
    return Phrase("a nudge", "귀띔"), Phrase("`run` it", "`run` 하세요")


DECLARED: Any = {
    "task": Phrase("Do", "하기"),
    "solution": "%docker run it",
    "why": Phrase("", ""),
    "makes": (),
}


@pytest.fixture
def section() -> Section:
    """Two exercises; the first is solved when `there` is not empty."""
    made = Section("99", Phrase("Test", "시험"))

    @made.exercise(1, title=Phrase("One", "하나"), **DECLARED)
    def _one(lab: Lab) -> Iterator[Gap]:
        assert lab
        yield Gap(Phrase(f"no {EVIL}", "`web` 컨테이너가 없어요"), hints())

    @made.exercise(2, title=Phrase("Two", "둘"), **DECLARED)
    def _two(lab: Lab) -> Iterator[Gap]:
        assert lab
        yield from ()

    return made


def test_each_check_shows_problems_and_one_more_hint(section: Section) -> None:
    learner = Learner()
    first = check_of(section, "99.1", learner, "en")
    second = check_of(section, "99.1", learner, "en")
    assert not first
    assert "✘ 99.1 One: not yet" in pretty(first)
    assert [first.hints, second.hints] == [["a nudge"], ["a nudge", "`run` it"]]
    assert "0 of 2 in section 99 done" in pretty(second)
    with pytest.raises(ExerciseNotDone, match=r"99\.1 not yet: no "):
        second.require()


def test_after_the_last_hint_comes_the_solution(section: Section) -> None:
    learner = Learner()
    results = [check_of(section, "99.1", learner, "en") for _ in range(3)]
    assert ["solution" in pretty(result) for result in results] == [False, True, True]
    assert '<code>solution("99.1")</code>'.replace('"', "&quot;") in results[1]._repr_html_()


def test_hints_belong_to_what_is_missing(section: Section) -> None:
    """Another gap begins with its own first hint."""
    gaps = [Gap(Phrase("a", "a"), hints()), Gap(Phrase("b", "b"), hints()[1:])]

    @section.exercise(3, title=Phrase("Three", "셋"), **DECLARED)
    def _three(lab: Lab) -> Iterator[Gap]:
        assert lab
        yield from gaps

    learner = Learner()
    assert check_of(section, "99.3", learner, "en").hints == ["a nudge"]
    gaps.pop(0)
    assert check_of(section, "99.3", learner, "en").hints == ["`run` it"]


def test_a_check_waits_while_only_time_is_missing() -> None:
    waits = iter([(0.01,), (0.01, 0.02), ()])

    def missing(_: Lab) -> Iterator[Gap]:
        for wait_s in next(waits):
            yield Gap(Phrase("not yet", "아직"), wait_s=wait_s)

    exercise = Exercise(id="99.1", title=Phrase("", ""), missing=missing, **DECLARED)
    assert find_gaps(exercise) == []


def test_a_solved_exercise_stays_solved(section: Section) -> None:
    learner = Learner()
    assert check_of(section, "99.2", learner, "en").require()
    assert "1 of 2 in section 99 done" in pretty(check_of(section, "99.1", learner, "en"))


def test_untrusted_text_is_escaped(section: Section) -> None:
    shown = check_of(section, "99.1", Learner(), "en")
    assert "<script>" not in shown._repr_html_()
    assert "\x1b" not in pretty(shown)
    assert "<details><summary>Hint 1 of 2</summary>a nudge</details>" in shown._repr_html_()


def test_asterisks_emphasize_words_but_not_patterns() -> None:
    assert rich("*more hints* in `*a*`") == "<em>more hints</em> in <code>*a*</code>"
    assert rich("*.py and *.js, 2 * 3 * 4") == "*.py and *.js, 2 * 3 * 4"


def test_korean(section: Section) -> None:
    shown = check_of(section, "99.1", Learner(), "ko")
    assert "99장 2문제 중 0개 완료" in pretty(shown)
    assert "<code>web</code> 컨테이너가 없어요" in shown._repr_html_()


def test_an_engine_error_is_shown_as_a_problem() -> None:
    section = Section("99", Phrase("Test", "시험"))

    @section.exercise(1, title=Phrase("", ""), **DECLARED)
    def _refused(lab: Lab) -> Iterator[Gap]:
        assert lab
        raise BadRequest('exec: "echo hi": executable file not found in $PATH')
        yield

    learner = Learner()
    shown: CheckResult = check_of(section, "99.1", learner, "en")
    assert shown.missing[0].en.startswith('the engine says: exec: "echo hi"')
    assert shown.hints[0].startswith("The program to run is not in the image.")
    assert '`CMD ["echo", "hi"]`' in check_of(section, "99.1", learner, "en").hints[1]


@pytest.mark.parametrize(
    ("name", "message"), [("03.22", "did you mean 03.2?"), ("x", "unknown exercise 'x'")]
)
def test_an_unknown_exercise_is_a_one_line_error(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(name)
    assert message in str(caught.value)


def test_an_unknown_language_is_a_one_line_error() -> None:
    with pytest.raises(UsageError, match="expected lang en or ko, got fr"):
        check("03.2", lang="fr")


def test_without_an_engine_the_error_is_the_engine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setattr("docker_magics.course.lab.shared", Session)
    with pytest.raises(EngineUnreachable, match="Is the docker daemon running"):
        check("02.1")
