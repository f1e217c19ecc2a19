"""A task of a lesson, which turns green by itself once the engine's state is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.phrase import Phrase

from . import exercises, language, watch
from .check_result import DONE, GOOD, OPEN, rich
from .checking import glance
from .exercise import Exercise
from .resetting import reset

_RESET = Phrase("Reset", "처음부터")
_RESETTING = Phrase("making it ready to begin …", "처음부터 할 수 있게 준비하고 있어요 …")

_FAILED = Phrase(
    "cannot check this task: {error}. Run `check` for the details.",
    "이 문제를 확인하지 못했어요: {error}. 자세한 내용은 `check`를 실행하면 나와요.",
)


@dataclass(frozen=True)
class TaskState:
    """Whether a task is done, and the first thing that is missing, in one line.

    Attributes:
        exercise: the exercise.
        missing: what is missing; "" if it is done.
        language: "en" or "ko".
    """

    exercise: Exercise
    missing: str
    language: str

    def __bool__(self) -> bool:
        """Whether the task is done."""
        return not self.missing

    @property
    def line(self) -> str:
        """The title, and what is missing."""
        title = f"{self.exercise.id} {self.exercise.title[self.language]}"
        return f"{title}: {self.missing or DONE[self.language]}"

    def _repr_html_(self) -> str:
        mark, colour = ("✔", GOOD) if self else ("○", OPEN)
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 2px 12px">'
            f"{mark} {rich(self.line)}</div>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(f"{'✔' if self else '○'} {self.line}"))


class Ticking:
    """A task's line in a cell; it stays green once it is done, until it is reset.

    Attributes:
        widget: the line.
    """

    def __init__(self, exercise: Exercise, spoken: str) -> None:
        from docker_magics.widgets.task import Task

        self._exercise = exercise
        self._language = spoken
        self.widget = Task(
            exercise.id, _RESET[spoken], self._reset, lambda: watch.shared().discard(self)
        )

    def show(self) -> None:
        """Show the line in the running cell, and keep it up to date."""
        from IPython.core.getipython import get_ipython

        state = self._look()
        self.widget.show({"text/plain": state.line, "text/html": state._repr_html_()})
        shell = get_ipython()
        if shell is not None:
            watch.shared().follow_cells(shell)
        watch.shared().add(self)

    def update(self) -> None:
        """Check the task, unless it is done."""
        if not self.widget.done:
            self._look()

    def report(self, error: Exception) -> None:
        """Show that the check has failed; the next change of the engine starts another one."""
        failure = _FAILED[self._language].format(error=f"{type(error).__name__}: {error}")
        self.widget.text = f"{self._title}: {clean(failure)}"

    @property
    def _title(self) -> str:
        return f"{self._exercise.id} {self._exercise.title[self._language]}"

    def _look(self) -> TaskState:
        state = state_of(self._exercise, self._language)
        self.widget.text, self.widget.done = state.line, bool(state)
        return state

    def _reset(self) -> None:
        with watch.shared().turn:
            self.widget.text = f"{self._title}: {_RESETTING[self._language]}"
            try:
                reset(self._exercise.id, lang=self._language)
                self._look()
            except DockerMagicsError as error:
                self.widget.text = f"{self._title}: {clean(str(error))}"


def task(exercise: str, *, lang: str | None = None) -> TaskState | None:
    """Show whether an exercise is done; in a live notebook the line changes by itself.

    It counts as no try and shows no hint: for those use `check`.

    Args:
        exercise: the exercise's ID, "03.2".
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Returns:
        The state as text where no page is attached, as under nbconvert; else None.

    Raises:
        UsageError: the exercise or the language does not exist.
    """
    spoken = language.chosen(lang)
    _, match = exercises.find(str(exercise))
    if not _has_page():
        return state_of(match, spoken)
    Ticking(match, spoken).show()
    return None


def state_of(exercise: Exercise, spoken: str) -> TaskState:
    """Return whether a task is done, and else what is missing."""
    try:
        gaps = glance(exercise)
    except DockerMagicsError as error:
        return TaskState(exercise, str(error).splitlines()[0], spoken)
    return TaskState(exercise, gaps[0].what[spoken] if gaps else "", spoken)


def _has_page() -> bool:
    from IPython.core.getipython import get_ipython

    from docker_magics.widgets.cell import has_page

    shell = get_ipython()
    return shell is not None and has_page(shell)
