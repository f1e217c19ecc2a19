"""The answer key: the exercises' own solutions and the quizzes' answers, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker_magics.course.exercise import Exercise
from docker_magics.course.exercises import sections
from docker_magics.course.question import questions
from docker_magics.course.quiz import quizzes
from docker_magics.phrase import Phrase, language

_TITLE = Phrase("Answer key", "정답")
_INTRODUCTION = Phrase(
    "One solution for each exercise (others pass too), and the answers to all questions.",
    "연습 문제마다 가능한 정답 하나와, 모든 질문의 답을 모았어요.",
)
_PREDICTIONS = Phrase("Predictions", "예측 질문")
_QUIZ = Phrase("Quiz", "퀴즈")
_OVERVIEW = Phrase("Overview", "안내")
_QUICKSTART = Phrase("Quickstart", "빠른 시작")
_UNGRADED = {"00": _OVERVIEW, "01": _QUICKSTART}


def answer_key(lang: str | None = None) -> str:
    """Return the answers of all sections.

    Args:
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.
    """
    spoken = lang or language()
    parts = [f"# {_TITLE[spoken]}", _INTRODUCTION[spoken]]
    for number in quizzes():
        parts += _section(number, spoken)
    return "\n\n".join(parts) + "\n"


def _section(number: str, spoken: str) -> Iterator[str]:
    section = sections().get(number)
    title = section.title if section else _UNGRADED[number]
    yield f"## {number} {title[spoken]}"
    for exercise in section.exercises.values() if section else ():
        yield from _exercise(exercise, spoken)
    asked = {name: entry for name, entry in questions().items() if name.startswith(f"{number}.")}
    if asked:
        yield f"### {_PREDICTIONS[spoken]} {number}"
        yield _answers(asked, spoken)
    letters = "".join(entry["answer"] for entry in quizzes()[number])
    yield f"### {_QUIZ[spoken]} {number}: `{letters}`"
    yield _answers({str(place): entry for place, entry in enumerate(quizzes()[number], 1)}, spoken)


def _exercise(exercise: Exercise, spoken: str) -> Iterator[str]:
    yield f"### {exercise.id} {exercise.title[spoken]}"
    yield exercise.task[spoken]
    fence = "````" if "```" in exercise.solution else "```"
    yield f"{fence}\n{exercise.solution}\n{fence}"
    yield exercise.why[spoken]


def _answers(entries: dict[str, Any], spoken: str) -> str:
    return "\n".join(
        f"- **{name}** {entry[spoken]['question']} **{entry['answer']})** "
        f"{entry[spoken]['choices']['abcd'.index(entry['answer'])]}. {entry[spoken]['why']}"
        for name, entry in entries.items()
    )
