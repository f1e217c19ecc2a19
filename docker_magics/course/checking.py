"""Check exercises by the state of the engine, not by what the learner typed."""

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
    """The learner's progress, kept while the kernel runs.

    Attributes:
        done: the IDs of exercises that passed at least once; later exercises may undo them.
        tries: the number of failed checks by exercise ID; each of them reveals another hint.
    """

    done: set[str] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)


_LEARNER = Learner()


def check(exercise: str, *, lang: str | None = None) -> CheckResult:
    """Check an exercise and return what is still missing.

    Args:
        exercise: the exercise's ID, "03.2".
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Returns:
        A result that is true if the exercise is done, and that a cell displays. For graders,
        `check("03.2").require()` raises an error if it is not done.

    Raises:
        UsageError: the exercise or the language does not exist.
        EngineError: no engine answers.
    """
    spoken = language.chosen(lang)
    section, match = exercises.find(str(exercise))
    return check_of(section, match.id, _LEARNER, spoken)


def check_of(section: Section, name: str, learner: Learner, lang: str) -> CheckResult:
    """Check an exercise of a section, and record the outcome in the learner's progress."""
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
