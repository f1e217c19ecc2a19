"""An exercise: its task, a function that checks it, and a solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from docker_magics.phrase import Phrase

from .gap import Gap
from .lab import Lab

#: Inspects the engine and yields what is still missing; nothing if the exercise is done.
Missing = Callable[[Lab], Iterator[Gap]]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        id: section and number, "03.2".
        title: a short title.
        task: the task as the notebook states it.
        missing: the check.
        solution: a cell that solves it, the same in both languages.
        why: why the solution is one.
        makes: the objects that a reset removes, as kind and name: "container first". The image
            that `given` builds stays: a reset then takes its slow steps from the build cache.
        needs: the IDs of exercises whose result it uses.
        given: the cell that the notebook gives; "" for none.
    """

    id: str
    title: Phrase
    task: Phrase
    missing: Missing
    solution: str
    why: Phrase
    makes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    given: str = ""


@dataclass(frozen=True)
class Section:
    """The exercises of a notebook, in order.

    Attributes:
        number: the prefix of the notebook's file name, "03".
        title: the notebook's title.
        prepare: makes what the exercises need of the lesson above them, if it is missing.
        exercises: the exercises by ID.
    """

    number: str
    title: Phrase
    prepare: Callable[[Lab], None] = lambda _: None
    exercises: dict[str, Exercise] = field(default_factory=dict)

    def exercise(
        self,
        number: int,
        *,
        title: Phrase,
        task: Phrase,
        solution: str,
        why: Phrase,
        makes: tuple[str, ...],
        needs: tuple[str, ...] = (),
        given: str = "",
    ) -> Callable[[Missing], Missing]:
        """Return a decorator that declares exercise `number`, with the function as its check."""

        def declare(missing: Missing) -> Missing:
            name = f"{self.number}.{number}"
            self.exercises[name] = Exercise(
                name, title, task, missing, solution, why, makes, needs, given
            )
            return missing

        return declare
