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
_AGAIN = Phrase("to begin again: {call}", "처음부터 다시: {call}")
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
        wait_s: seconds after which time alone may have mended it; 0 if it takes a change.
    """

    exercise: Exercise
    missing: str
    language: str
    wait_s: float = 0.0

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
        again = f" ({rich(self._again)})" if self else ""
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 2px 12px">'
            f"{mark} {rich(self.line)}{again}</div>"
        )

    @property
    def static(self) -> dict[str, str]:
        """The line as saved notebooks keep it, by MIME type."""
        return {"text/plain": self.line, "text/html": self._repr_html_()}

    @property
    def _again(self) -> str:
        return _AGAIN[self.language].format(call=f'`reset("{self.exercise.id}")`')

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean(f"{'✔' if self else '○'} {self.line}"))


class Ticking:
    """A task's line in a cell; once the task is done, or the widget ends, the line is static.

    So a saved notebook is readable without a kernel. The widget of a done task stays alive for
    pages that were reloaded: the engine's state no longer changes it, but its button does.

    Args:
        state: the state of the task, which is open.

    Attributes:
        widget: the line.
    """

    def __init__(self, state: TaskState) -> None:
        from docker_magics.widgets.task import Task

        self._exercise = state.exercise
        self._language = state.language
        self._state = state
        self.widget = Task(self._exercise.id, _RESET[state.language], self._reset, self._end)
        self.widget.text = state.line

    def show(self) -> None:
        """Show the line in the running cell, and keep it up to date."""
        from IPython.core.getipython import get_ipython

        self.widget.show(self._state.static)
        shell = get_ipython()
        if shell is not None:
            watch.shared().follow_cells(shell)
        watch.shared().add(self)

    def update(self) -> float:
        """Check the task, unless it is done; return the seconds after which to do so again."""
        if self.widget.done:
            return 0.0
        state = self._look()
        if state:
            self.widget.replace_with_static(state.static)
        return state.wait_s

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
        self._state = state
        return state

    def _end(self) -> None:
        watch.shared().discard(self)
        self.widget.replace_with_static(self._state.static)

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
        The state as text if it is done, or where no page is attached, as under nbconvert;
        else None.

    Raises:
        UsageError: the exercise or the language does not exist.
    """
    spoken = language.chosen(lang)
    _, match = exercises.find(str(exercise))
    state = state_of(match, spoken)
    if state or not _has_page():
        return state
    Ticking(state).show()
    return None


def state_of(exercise: Exercise, spoken: str) -> TaskState:
    """Return whether a task is done, and else what is missing."""
    try:
        gaps = glance(exercise)
    except DockerMagicsError as error:
        return TaskState(exercise, str(error).splitlines()[0], spoken)
    if not gaps:
        return TaskState(exercise, "", spoken)
    return TaskState(exercise, gaps[0].what[spoken], spoken, min(gap.wait_s for gap in gaps))


def _has_page() -> bool:
    from IPython.core.getipython import get_ipython

    from docker_magics.widgets.cell import has_page

    shell = get_ipython()
    return shell is not None and has_page(shell)
