"""The quiz that closes a section: ten questions, graded and explained.

`quizzes.json` has the quizzes: section -> its questions, each as in `questions.json`.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.errors import UsageError, clean
from docker_magics.phrase import Phrase

from . import language
from .check_result import rich
from .question import Prediction, pose

_SKIPPED = "-"
_HOW = Phrase(
    'Answer with {count} letters, `quiz("{section}", "{example}")`; `-` skips a question.',
    '`quiz("{section}", "{example}")`처럼 글자 {count}개로 답해 보세요. `-`는 건너뛴다는 뜻이에요.',
)
_SECTIONS = Phrase(
    "expected one of the sections {sections}, got {given!r}",
    "{given!r} 장은 없어요. 쓸 수 있는 장: {sections}",
)
_COUNT = Phrase("expected {count} answers, got {given}", "답이 {count}개여야 하는데 {given}개예요")
_SCORE = Phrase("{score} of {count} right.", "{count}문제 가운데 {score}문제를 맞혔어요.")


@dataclass(frozen=True)
class Quiz:
    """The questions of a section, and how many answers are right.

    Attributes:
        section: the section, "02".
        questions: its questions, each with the learner's answer.
        language: "en" or "ko".
    """

    section: str
    questions: tuple[Prediction, ...]
    language: str

    def __bool__(self) -> bool:
        """Whether all answers are right."""
        return all(self.questions)

    @property
    def score(self) -> int:
        """The number of right answers."""
        return sum(map(bool, self.questions))

    @property
    def _verdict(self) -> str:
        answered = any(question.answer for question in self.questions)
        count = len(self.questions)
        return (_SCORE if answered else _HOW)[self.language].format(
            section=self.section, count=count, score=self.score, example="a" * count
        )

    def _repr_html_(self) -> str:
        questions = "".join(question._repr_html_() for question in self.questions)
        return f'{questions}<div role="status"><strong>{rich(self._verdict)}</strong></div>'

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        for question in self.questions:
            printer.pretty(question)
            printer.text("\n")
        printer.text(clean(self._verdict))


def quiz(section: str, answers: str = "", *, lang: str | None = None) -> Quiz:
    """Ask the questions of a section; with answers, say which are right, and why.

    Args:
        section: the section, "02".
        answers: a letter for each question, or "-" to skip one; spaces do not count.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the section, an answer or the language does not exist.
    """
    spoken = language.chosen(lang)
    if section not in quizzes():
        raise UsageError(_SECTIONS[spoken].format(sections=", ".join(quizzes()), given=section))
    entries = quizzes()[section]
    letters = "".join(answers.split()) or _SKIPPED * len(entries)
    if len(letters) != len(entries):
        raise UsageError(_COUNT[spoken].format(count=len(entries), given=len(letters)))
    questions = tuple(
        pose(str(number), entry, letter.strip(_SKIPPED), spoken)
        for number, (entry, letter) in enumerate(zip(entries, letters, strict=True), 1)
    )
    return Quiz(section, questions, spoken)


@functools.cache
def quizzes() -> dict[str, Any]:
    """Return the questions of all quizzes by section."""
    file = Path(__file__).with_name("quizzes.json")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
