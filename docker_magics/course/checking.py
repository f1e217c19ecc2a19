"""`check("03.2")`: is the exercise done? The engine's state answers, not what was typed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from docker_magics.errors import ApiError

from . import exercises, language
from .check_result import CheckResult
from .exercise import Exercise, Section
from .lab import Lab
from .language import Phrase


@dataclass
class Learner:
    """What is remembered while the kernel runs.

    Attributes:
        done: the ids of exercises that were right once: later ones may undo them.
        tries: how often each was not right yet; every time permits one hint more.
    """

    done: set[str] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)


_LEARNER = Learner()


def check(exercise: str, *, lang: str | None = None) -> CheckResult:
    """Look at the engine and say what of an exercise is still missing.

    Args:
        exercise: its id, "03.2".
        lang: "en" or "ko"; else DOCKER_MAGICS_LANG's.

    Returns:
        What a cell shows: true if it is done. `check("03.2").require()` is an error where it is
        not, for graders.

    Raises:
        UsageError: there is no such exercise, or no such language.
        EngineError: no engine answers.
    """
    spoken = language.chosen(lang)
    section, match = exercises.find(str(exercise))
    return check_of(section, match.id, _LEARNER, spoken)


def check_of(section: Section, name: str, learner: Learner, lang: str) -> CheckResult:
    """Check an exercise of a section, and remember for a learner how it went."""
    exercise = section.exercises[name]
    missing = _missing(exercise)
    if missing:
        learner.tries[name] += 1
    else:
        learner.done.add(name)
    done = frozenset(learner.done & section.exercises.keys())
    return CheckResult(section, exercise, missing, learner.tries[name], done, lang)


def _missing(exercise: Exercise) -> tuple[Phrase, ...]:
    try:
        return tuple(exercise.missing(Lab()))
    except ApiError as error:
        explanation = error.explanation
        return (Phrase(f"the engine says: {explanation}", f"엔진의 말: {explanation}"),)
