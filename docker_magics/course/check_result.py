"""The result of a check: displayed in a cell, usable as a bool, and an exception for graders."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import ExerciseNotDone, clean
from docker_magics.phrase import Phrase

from .exercise import Exercise, Section

DONE = Phrase("done", "완료")
_MISSING = Phrase("not yet", "미완료")
_STILL = Phrase("Still missing:", "아직 안 된 것:")
_AGAIN = Phrase(
    "Change it and run this cell again; while the same is missing, each run shows one more hint.",
    "고친 뒤 이 셀을 다시 실행해 보세요. 같은 것이 빠져 있으면 힌트가 하나씩 늘어나요.",
)
GOOD, OPEN = "#1f9d78", "#d57a00"


@dataclass(frozen=True)
class CheckResult:
    """The result of a check.

    Attributes:
        section: the exercise's section.
        exercise: the exercise that was checked.
        missing: what is still missing; empty if the exercise is done.
        opened: the hints to show, for the first thing that is missing.
        total: the number of hints for it.
        done: the IDs of the section's exercises that have been done so far.
        language: "en" or "ko".
    """

    section: Section
    exercise: Exercise
    missing: tuple[Phrase, ...]
    opened: tuple[Phrase, ...]
    total: int
    done: frozenset[str]
    language: str

    def __bool__(self) -> bool:
        """Whether the exercise is done."""
        return not self.missing

    def require(self) -> CheckResult:
        """Return this result if the exercise is done.

        Raises:
            ExerciseNotDone: the exercise is not done; the message lists what is missing.
        """
        if self.missing:
            missing = "; ".join(phrase[self.language] for phrase in self.missing)
            raise ExerciseNotDone(f"{self.exercise.id} {_MISSING[self.language]}: {missing}")
        return self

    @property
    def hints(self) -> list[str]:
        """The hints to show; after the last one comes how to see a solution."""
        return [hint[self.language] for hint in self.opened]

    @property
    def _way_out(self) -> str:
        """The sentence that names solution(), once all hints are shown."""
        if not self.missing or len(self.opened) < self.total:
            return ""
        call = f'`solution("{self.exercise.id}")`'
        return Phrase(
            f"{call} shows a solution and explains it.", f"{call}을 실행하면 정답과 설명이 나와요."
        )[self.language]

    def _heading(self) -> str:
        mark, state = ("✔", DONE) if self else ("✘", _MISSING)
        title = self.exercise.title[self.language]
        return f"{mark} {self.exercise.id} {title}: {state[self.language]}"

    def _hint_name(self, place: int) -> str:
        return Phrase(f"Hint {place} of {self.total}", f"힌트 {place}/{self.total}")[self.language]

    def _progress(self) -> str:
        done, total, number = len(self.done), len(self.section.exercises), self.section.number
        phrase = Phrase(
            f"{done} of {total} in section {number} done",
            f"{number}장 {total}문제 중 {done}개 완료",
        )
        return phrase[self.language]

    def _repr_html_(self) -> str:
        colour = GOOD if self else OPEN
        parts = [f"<strong>{escaped(self._heading())}</strong>", self._missing_html()]
        parts += [
            f"<details><summary>{escaped(self._hint_name(place))}</summary>{rich(hint)}</details>"
            for place, hint in enumerate(self.hints, 1)
        ]
        parts += [f"<div>{rich(self._way_out)}</div>", self._progress_html()]
        return (
            f'<div role="status" aria-live="polite" style="border-left: 4px solid {colour}; '
            f'padding: 2px 12px; line-height: 1.5">'
            f"{''.join(parts)}</div>"
        )

    def _missing_html(self) -> str:
        if not self.missing:
            return ""
        items = "".join(f"<li>{rich(phrase[self.language])}</li>" for phrase in self.missing)
        again = f"<div>{escaped(_AGAIN[self.language])}</div>"
        return (
            f'<div>{escaped(_STILL[self.language])}<ul style="margin: 0">{items}</ul></div>{again}'
        )

    def _progress_html(self) -> str:
        return f"<div>{bar(self.section, self.done)} {escaped(self._progress())}</div>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        lines = [self._heading()]
        if self.missing:
            lines += [f"  {_STILL[self.language]}"]
            lines += [f"  - {item[self.language]}" for item in self.missing]
            lines += [
                f"  {self._hint_name(place)}: {hint}" for place, hint in enumerate(self.hints, 1)
            ]
            lines += [f"  {self._way_out}"] if self._way_out else []
        bar = "".join("█" if item in self.done else "░" for item in self.section.exercises)
        printer.text(clean("\n".join([*lines, f"  {bar} {self._progress()}"])))


def bar(section: Section, done: frozenset[str]) -> str:
    """Return a bar with a box for each exercise of a section; those that are done are filled."""
    return "".join(
        f'<span style="display: inline-block; width: 18px; height: 8px; margin-right: 3px; '
        f"border: 1px solid {GOOD}; border-radius: 3px; "
        f'background: {GOOD if identity in done else "none"}"></span>'
        for identity in section.exercises
    )


def escaped(text: str) -> str:
    """Return escaped HTML."""
    return html.escape(clean(text))


def rich(text: str) -> str:
    """Return escaped HTML with `text in backticks` as code, and *text in asterisks* emphasized."""
    pieces = escaped(text).split("`")
    return "".join(
        f"<code>{piece}</code>"
        if place % 2
        else re.sub(r"\*([^\s*](?:[^*]*[^\s*])?)\*", r"<em>\1</em>", piece)
        for place, piece in enumerate(pieces)
    )
