"""Put the engine where a step of the course begins; remove only what the course has made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker_magics.commands._session_label import SESSION, session_of
from docker_magics.errors import UsageError
from docker_magics.phrase import Phrase
from docker_magics.results.text import Text

from . import exercises, language
from .checking import find_gaps
from .exercise import Exercise, Section
from .lab import Lab

#: Kind -> the command that removes one.
_REMOVE = {
    "container": "rm -fv {name}",
    "image": "rmi -f {name}",
    "volume": "volume rm -f {name}",
    "network": "network rm {name}",
}
_NO_NOTEBOOK = Phrase(
    "cannot reset an exercise outside of a notebook",
    "노트북에서만 문제를 처음으로 되돌릴 수 있어요",
)
_NO_SESSION = Phrase(
    "cannot remove what this notebook made: no session is active",
    "이 노트북이 만든 것을 지울 수 없어요. 세션이 시작되지 않았어요",
)
_FIRST_CELL = Phrase("Run the notebook's first code cell.", "노트북의 첫 코드 셀을 실행하세요.")


def fresh(*containers: str) -> None:
    """Remove the learner's containers of these names, so that a cell can run again.

    These are the session's, and those of the learner's other sections of the course: a notebook
    that was not tidied up does not disturb the next one. A container of any other session, or of
    none, stays.

    Raises:
        UsageError: no session is active.
    """
    lab = Lab()
    for name in containers:
        _remove(lab, "container", name)


@contextmanager
def set_aside(image: str) -> Iterator[None]:
    """Give an image another name inside the `with` block: the engine does not find it."""
    lab, aside = Lab(), f"{image}-set-aside"
    if lab.image(image) is not None:
        _rename(lab, image, aside)
    try:
        yield
    finally:
        _rename(lab, aside, image)


def reset(exercise: str, *, lang: str | None = None) -> Text:
    """Put the engine where an exercise begins.

    What the learner made for the exercise and for the later ones of its section is removed, as by
    `fresh`; what the exercise needs is made again.

    Args:
        exercise: the exercise's ID, "03.2".
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the exercise or the language does not exist, no session is active, or this is
            not a notebook.
    """
    spoken = language.chosen(lang)
    section, match = exercises.find(str(exercise))
    lab = Lab()
    ids = list(section.exercises)
    for name in ids[ids.index(match.id) :]:
        for made in section.exercises[name].makes:
            _remove(lab, *made.split(" ", 1))
    section.prepare(lab)
    _solve_needed(section, match)
    if match.given:
        _run_cell(match.given)
    ready = Phrase(f"{match.id} is ready to begin.", f"{match.id} 문제를 처음부터 할 수 있어요.")
    return Text(ready[spoken])


def _solve_needed(section: Section, exercise: Exercise) -> None:
    for name in exercise.needs:
        needed = section.exercises[name]
        if find_gaps(needed):
            _solve_needed(section, needed)
            _run_cell(needed.solution)


def _run_cell(source: str) -> None:
    """Run a cell's text; its errors are part of the lesson."""
    from IPython.core.getipython import get_ipython
    from IPython.utils.capture import capture_output

    shell: Any = get_ipython()
    if shell is None:
        raise UsageError(str(_NO_NOTEBOOK))
    with capture_output():
        shell.run_cell(source)


def _remove(lab: Lab, kind: str, name: str) -> None:
    session = lab.engine.labels.get(SESSION)
    if not session:
        raise UsageError(str(_NO_SESSION), hint=str(_FIRST_CELL))
    inspected = getattr(lab, kind)(name)
    if inspected is None:
        return
    labels = (inspected.get("Config") or inspected).get("Labels") or {}
    if _learner(session_of(kind, labels)) != _learner(session):
        return
    if kind in {"volume", "network"}:
        for user in lab.containers(**{kind: name}):
            if session_of("container", user["Labels"]) == session:
                lab.docker(_REMOVE["container"], name=user["Id"])
    lab.docker(_REMOVE[kind], name=name)


def _rename(lab: Lab, image: str, name: str) -> None:
    lab.docker("tag {image} {name}", image=image, name=name)
    lab.docker("rmi {image}", image=image)


def _learner(session: str) -> str:
    """Return a session's name without the section: "course-mina" of "course-02-mina"."""
    return re.sub(r"^course-\d\d(?=-|$)", "course", session)
