"""Questions before surprising cells: graded, explained, the same in both languages."""

from __future__ import annotations

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import predict
from docker_magics.course.question import questions
from docker_magics.errors import UsageError


def test_a_question_without_an_answer_says_how_to_answer() -> None:
    asked = predict("02.b", lang="en")
    assert not asked
    assert 'Answer with `predict("02.b", "a")`.' in pretty(asked)
    assert "An image has no kernel" not in pretty(asked)


def test_answers_are_graded_and_explained() -> None:
    right, wrong = predict("02.b", "A", lang="en"), predict("02.b", "c", lang="en")
    assert right
    assert not wrong
    assert "✔ Right. An image has no kernel." in pretty(right)
    assert "✘ Not quite: you chose c; the answer is a. An image has no kernel." in pretty(wrong)
    assert "<code>uname -r</code>" in right._repr_html_()


def test_korean() -> None:
    assert "맞았어요." in pretty(predict("02.b", "a", lang="ko"))


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("02.bb", "", "did you mean 02.b?"),
        ("02.b", "d", "expected one of the letters a, b, c, got 'd'"),
        ("02.b", "ab", "expected one of the letters"),
    ],
)
def test_mistakes_are_one_line_errors(name: str, answer: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        predict(name, answer)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", list(questions()))
def test_both_languages_have_the_same_choices(name: str) -> None:
    entry = questions()[name]
    english, korean = entry["en"], entry["ko"]
    assert english.keys() == korean.keys() == {"question", "choices", "why"}
    assert 2 <= len(english["choices"]) == len(korean["choices"]) <= 4
    assert entry["answer"] in "abcd"[: len(english["choices"])]
