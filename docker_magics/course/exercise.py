"""An exercise: what to do, hints, and a function that says what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .lab import Lab
from .language import Phrase

#: Looks at the engine and yields what is still missing; nothing, where all is as it should be.
Missing = Callable[[Lab], Iterator[Phrase]]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        id: section and number, "03.2".
        title: in a few words.
        task: what to do, as the notebook says it.
        hints: from a nudge to nearly the answer.
        missing: the check.
    """

    id: str
    title: Phrase
    task: Phrase
    hints: Sequence[Phrase]
    missing: Missing


@dataclass(frozen=True)
class Section:
    """A notebook's exercises, in their order.

    Attributes:
        number: as its notebook's file name begins, "03".
        title: the notebook's.
        exercises: by their id.
    """

    number: str
    title: Phrase
    exercises: dict[str, Exercise] = field(default_factory=dict)

    def exercise(
        self, number: int, *, title: Phrase, task: Phrase, hints: Sequence[Phrase]
    ) -> Callable[[Missing], Missing]:
        """Make the decorated function the check of exercise `number` of this section."""

        def declare(missing: Missing) -> Missing:
            name = f"{self.number}.{number}"
            self.exercises[name] = Exercise(name, title, task, hints, missing)
            return missing

        return declare
