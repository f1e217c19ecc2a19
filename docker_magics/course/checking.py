"""Check exercises by the state of the engine, not by what the learner typed."""

from __future__ import annotations

import time

from docker_magics.errors import ApiError
from docker_magics.phrase import Phrase

from . import exercises, happened, language
from .check_result import CheckResult
from .exercise import Exercise, Section
from .gap import Gap
from .lab import Lab
from .progress import FILE, Learner

#: Maximum seconds for which a check waits for what time alone may mend.
_PATIENCE_S = 15.0
_LEARNER = Learner(file=FILE)


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
    gaps = find_gaps(section.exercises[name])
    if not gaps:
        learner.solve(name)
    hints = next((gap.hints for gap in gaps if gap.hints), ())
    learner.tries[hints] += 1
    done = frozenset(learner.done & section.exercises.keys())
    opened = hints[: learner.tries[hints]]
    missing = tuple(gap.what for gap in gaps)
    return CheckResult(section, section.exercises[name], missing, opened, len(hints), done, lang)


def glance(exercise: Exercise) -> list[Gap]:
    """Return what an exercise lacks now, without counting a try; record it once it is done."""
    gaps = _gaps_now(exercise)
    if not gaps:
        _LEARNER.solve(exercise.id)
    return gaps


def find_gaps(exercise: Exercise) -> list[Gap]:
    """Return what an exercise lacks; if only time is missing, wait, but not for too long."""
    deadline = time.monotonic() + _PATIENCE_S
    while (gaps := _gaps_now(exercise)) and time.monotonic() < deadline:
        wait_s = min(gap.wait_s for gap in gaps)
        if not wait_s:
            break
        time.sleep(wait_s)
    return gaps


def _gaps_now(exercise: Exercise) -> list[Gap]:
    """Return what an exercise lacks; an engine's refusal is a gap, and its hints explain it."""
    try:
        return list(exercise.missing(Lab()))
    except ApiError as error:
        message = error.explanation
        what = Phrase(f"the engine says: {message}", f"엔진 메시지: {message}")
        return [Gap(what, happened.hints(message))]
