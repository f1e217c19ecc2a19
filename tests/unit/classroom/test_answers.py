"""The answer key has the answers of every exercise and question."""

from __future__ import annotations

import pytest

from docker_magics import program
from docker_magics.classroom.answers import answer_key
from docker_magics.classroom.roster import exercises
from docker_magics.course.question import questions
from docker_magics.course.quiz import quizzes


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_has_every_answer(language: str) -> None:
    key = answer_key(language)
    for exercise in exercises():
        assert f"### {exercise.id} {exercise.title[language]}\n\n{exercise.task[language]}" in key
        assert f"\n{exercise.solution}\n" in key
        assert exercise.why[language] in key
    entries = [*questions().values(), *(entry for quiz in quizzes().values() for entry in quiz)]
    for entry in entries:
        assert entry[language]["question"] in key
        choice = entry[language]["choices"]["abcd".index(entry["answer"])]
        assert f" **{entry['answer']})** {choice}. {entry[language]['why']}" in key


def test_quizzes_are_answered_in_one_line() -> None:
    letters = "".join(entry["answer"] for entry in quizzes()["02"])
    assert f"### Quiz 02: `{letters}`" in answer_key("en")


def test_the_program_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["class", "--answers"]) == 0
    assert capsys.readouterr().out == answer_key()
