"""The quizzes that close the sections: ten questions each, graded, the same in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import quiz
from docker_magics.course.quiz import quizzes
from docker_magics.errors import UsageError

ENTRIES = [
    pytest.param(entry, id=f"{section}-{number}")
    for section, entries in quizzes().items()
    for number, entry in enumerate(entries, 1)
]


def right_answers(section: str) -> str:
    return "".join(entry["answer"] for entry in quizzes()[section])


def test_a_quiz_without_answers_says_how_to_answer_and_gives_nothing_away() -> None:
    asked = quiz("02", lang="en")
    assert not asked
    assert 'Answer with 10 letters, `quiz("02", "aaaaaaaaaa")`' in pretty(asked)
    assert not any(question.why in pretty(asked) for question in asked.questions)
    assert not any(question.why in asked._repr_html_() for question in asked.questions)


@pytest.mark.parametrize("section", list(quizzes()))
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_right_answers_pass(section: str, lang: str) -> None:
    answered = quiz(section, right_answers(section), lang=lang)
    assert answered
    assert answered.score == 10


def test_answers_are_graded_and_explained_one_by_one() -> None:
    right = right_answers("02")
    wrong = "a" if right[0] != "a" else "b"
    answered = quiz("02", f"{wrong} - {right[2:].upper()}", lang="en")
    assert not answered
    assert answered.score == 8
    text = pretty(answered)
    assert "8 of 10 right." in text
    assert (
        f"✘ Not quite: you chose {wrong}; the answer is {right[0]}. {answered.questions[0].why}"
        in text
    )
    assert answered.questions[1].why not in text


def test_korean() -> None:
    assert "10문제 가운데 10문제를 맞혔어요." in pretty(quiz("02", right_answers("02"), lang="ko"))


@pytest.mark.parametrize(
    ("section", "answers", "message"),
    [
        ("99", "", "expected one of the sections 00, 01"),
        ("02", "abc", "expected 10 answers, got 3"),
        ("02", "abcabcabcz", "expected one of the letters a, b, c, got 'z'"),
    ],
)
def test_mistakes_are_one_line_errors(section: str, answers: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        quiz(section, answers)
    assert message in str(caught.value)


@pytest.mark.parametrize("section", list(quizzes()))
def test_a_quiz_has_ten_questions_and_no_letter_passes_it(section: str) -> None:
    answers = right_answers(section)
    assert len(answers) == 10
    assert max(map(answers.count, "abcd")) <= 5


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_question_has_one_right_answer_and_an_explanation_in_both_languages(
    entry: dict[str, Any],
) -> None:
    english, korean = entry["en"], entry["ko"]
    assert entry.keys() == {"answer", "en", "ko"}
    assert english.keys() == korean.keys() == {"question", "choices", "why"}
    assert 3 <= len(english["choices"]) == len(korean["choices"]) <= 4
    assert entry["answer"] in tuple("abcd"[: len(english["choices"])])
    for texts in (english, korean):
        assert texts["question"]
        assert texts["why"]
        assert len(set(texts["choices"])) == len(texts["choices"])
