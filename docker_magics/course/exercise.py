"""An exercise: its task, its hints, and a function that checks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .lab import Lab
from .language import Phrase

#: Inspects the engine and yields what is still missing; nothing if the exercise is done.
Missing = Callable[[Lab], Iterator[Phrase]]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        id: section and number, "03.2".
        title: a short title.
        task: the task as the notebook states it.
        hints: the hints, from a nudge to almost the solution.
        missing: the check.
    """

    id: str
    title: Phrase
    task: Phrase
    hints: Sequence[Phrase]
    missing: Missing


@dataclass(frozen=True)
class Section:
    """The exercises of a notebook, in order.

    Attributes:
        number: the prefix of the notebook's file name, "03".
        title: the notebook's title.
        exercises: the exercises by ID.
    """

    number: str
    title: Phrase
    exercises: dict[str, Exercise] = field(default_factory=dict)

    def exercise(
        self, number: int, *, title: Phrase, task: Phrase, hints: Sequence[Phrase]
    ) -> Callable[[Missing], Missing]:
        """Return a decorator that declares exercise `number`, with the function as its check."""

        def declare(missing: Missing) -> Missing:
            name = f"{self.number}.{number}"
            self.exercises[name] = Exercise(name, title, task, hints, missing)
            return missing

        return declare
