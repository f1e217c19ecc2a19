"""Show a solution of an exercise, and explain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker_magics.errors import clean
from docker_magics.phrase import Phrase

from . import exercises, language
from .check_result import escaped, rich
from .exercise import Exercise

_TITLE = Phrase("A solution", "정답 예시")


@dataclass(frozen=True)
class Solution:
    """A solution, as a cell displays it.

    Attributes:
        exercise: the exercise.
        language: "en" or "ko".
    """

    exercise: Exercise
    language: str

    @property
    def _title(self) -> str:
        title = self.exercise.title[self.language]
        return f"{_TITLE[self.language]}: {self.exercise.id} {title}"

    def _repr_html_(self) -> str:
        return (
            f"<div><strong>{escaped(self._title)}</strong>"
            f"<pre>{escaped(self.exercise.solution)}</pre>"
            f"<div>{rich(self.exercise.why[self.language])}</div></div>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        why = self.exercise.why[self.language]
        printer.text(clean(f"{self._title}\n{self.exercise.solution}\n{why}"))


def solution(exercise: str, *, lang: str | None = None) -> Solution:
    """Return a solution of an exercise with its explanation; nothing is executed.

    Args:
        exercise: the exercise's ID, "04.3".
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the exercise or the language does not exist.
    """
    spoken = language.chosen(lang)
    _, match = exercises.find(str(exercise))
    return Solution(match, spoken)
