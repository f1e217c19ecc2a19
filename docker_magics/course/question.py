"""Questions to answer before a cell is run: multiple choice, graded and explained.

`questions.json` has the questions: ID -> `answer` (a letter), and for each language `question`,
`choices` and `why`.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.cli.suggest import did_you_mean
from docker_magics.errors import UsageError, clean
from docker_magics.phrase import Phrase

from . import language
from .check_result import rich

_LETTERS = "abcd"
_UNKNOWN = Phrase("unknown question {name!r}", "{name!r} 질문은 없어요")
_EXPECTED = Phrase(
    "expected one of the letters {letters}, got {given!r}",
    "{letters} 가운데 하나로 답하세요. 받은 답: {given!r}",
)
_RIGHT = Phrase("Right.", "맞았어요.")
_WRONG = Phrase(
    "Not quite: you chose {answer}; the answer is {letter}.",
    "아쉬워요. 고른 답: {answer}, 정답: {letter}.",
)


@dataclass(frozen=True)
class Prediction:
    """A question, and the verdict on an answer.

    Attributes:
        id: the question's ID, "02.a", or its number in a quiz.
        question: the question.
        choices: the possible answers.
        right: the letter of the right answer.
        why: its explanation.
        answer: the learner's letter; "" if not answered yet.
        language: "en" or "ko".
        call: the call that answers it; "" in a quiz, which is answered as a whole.
    """

    id: str
    question: str
    choices: tuple[str, ...]
    right: str
    why: str
    answer: str
    language: str
    call: str = ""

    def __bool__(self) -> bool:
        """Whether the answer is right."""
        return self.answer == self.right

    @property
    def _verdict(self) -> str:
        if not self.answer:
            how = Phrase(f"Answer with `{self.call}`.", f"`{self.call}`처럼 답해 보세요.")
            return how[self.language] if self.call else ""
        mark, verdict = ("✔", _RIGHT) if self else ("✘", _WRONG)
        answer = verdict[self.language].format(letter=self.right, answer=self.answer)
        return f"{mark} {answer} {self.why}"

    @property
    def _heading(self) -> str:
        return f"? {self.question}" if self.call else f"{self.id}. {self.question}"

    def _lettered(self) -> list[str]:
        return [
            f"{letter}) {choice}" for letter, choice in zip(_LETTERS, self.choices, strict=False)
        ]

    def _repr_html_(self) -> str:
        choices = "".join(f"<div>{rich(choice)}</div>" for choice in self._lettered())
        return (
            '<div role="status" style="border-left: 4px solid #3b78c3; padding: 2px 12px; '
            f'line-height: 1.5"><strong>{rich(self._heading)}</strong>'
            f"{choices}<div>{rich(self._verdict)}</div></div>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        lines = [self._heading, *(f"  {choice}" for choice in self._lettered())]
        verdict = [f"  {self._verdict}"] if self._verdict else []
        printer.text(clean("\n".join([*lines, *verdict])))


def predict(question: str, answer: str = "", *, lang: str | None = None) -> Prediction:
    """Ask a question; with an answer, say whether it is right, and why.

    Args:
        question: the question's ID, "02.a".
        answer: the letter of a choice.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the question, the answer or the language does not exist.
    """
    spoken = language.chosen(lang)
    if question not in questions():
        hint = did_you_mean(question, list(questions()))
        raise UsageError(f"{_UNKNOWN[spoken].format(name=question)}{hint}")
    call = f'predict("{question}", "a")'
    return pose(question, questions()[question], answer, spoken, call)


def pose(name: str, entry: dict[str, Any], answer: str, spoken: str, call: str = "") -> Prediction:
    """Return a question with the learner's answer.

    Args:
        name: its ID, or its number in a quiz.
        entry: `answer`, and for each language `question`, `choices` and `why`.
        answer: the letter of a choice; "" if not answered.
        spoken: "en" or "ko".
        call: the call that answers it; "" in a quiz.

    Raises:
        UsageError: the answer does not exist.
    """
    texts = entry[spoken]
    letters = _LETTERS[: len(texts["choices"])]
    chosen = answer.strip().lower()
    if chosen and (len(chosen) != 1 or chosen not in letters):
        expected = _EXPECTED[spoken]
        raise UsageError(expected.format(letters=", ".join(letters), given=answer))
    choices = tuple(texts["choices"])
    return Prediction(
        name, texts["question"], choices, entry["answer"], texts["why"], chosen, spoken, call
    )


@functools.cache
def questions() -> dict[str, Any]:
    """Return all questions by ID."""
    file = Path(__file__).with_name("questions.json")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
