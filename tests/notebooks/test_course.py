"""The course: each notebook in both languages, executed on each engine; each exercise solved."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from docker_magics.course.exercise import Exercise
from docker_magics.course.exercises import sections
from tools import images, notebook_runner

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
SOLUTIONS = Path(__file__).parent / "solutions"
LESSONS = sorted(
    path.name for path in NOTEBOOKS.glob("*.ipynb") if path.name.partition("-")[0] in sections()
)
LANGUAGES = {"en": NOTEBOOKS, "ko": NOTEBOOKS / "ko"}
#: What lessons need beside busybox and hello-world.
IMAGES = {"02": ("redis",), "03": ("redis",), "04": ("busybox",), "05": ("node",)}

each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_engine = pytest.mark.parametrize("address", ["docker", "embedded"], indirect=True)


def read(lesson: str, language: str) -> Any:
    return nbformat.read(LANGUAGES[language] / lesson, as_version=4)


def exercises(lesson: str) -> dict[str, Exercise]:
    return sections()[lesson.partition("-")[0]].exercises


def solutions() -> dict[str, str]:
    """The cell of each exercise, of all sections."""
    files = (runpy.run_path(str(path)) for path in SOLUTIONS.glob("*.py"))
    return {name: cell for file in files for name, cell in file["CELLS"].items()}


def cell_of(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == name)


def slug(exercise: str) -> str:
    return "exercise-" + exercise.replace(".", "-")


def execute(notebook: Any) -> None:
    """Run it in a folder of its own; an error in a cell that is not marked for one is one here."""
    with tempfile.TemporaryDirectory() as folder:
        notebook_runner.execute(notebook, Path(folder), timeout=120)


def shown(notebook: Any, cell: str) -> str:
    """The text that the check of an exercise's cell shows."""
    (output,) = cell_of(notebook, f"{cell}-check").outputs
    return output["data"]["text/plain"]


def with_solutions(notebook: Any, lesson: str) -> Any:
    """The notebook, which solves and checks all exercises again before its last cell, cleaning up.

    The exercises stand at its end, so all cells above run as a learner finds them.
    """
    solved = []
    for name in exercises(lesson):
        solved += [
            nbformat.v4.new_code_cell(solutions()[name]),
            nbformat.v4.new_code_cell(f'check("{name}")', id=f"{slug(name)}-solved-check"),
        ]
    notebook.cells[-1:-1] = solved
    return notebook


@pytest.mark.parametrize("language", list(LANGUAGES))
@each_engine
@pytest.mark.parametrize(
    "lesson",
    [pytest.param(name, marks=pytest.mark.xdist_group(f"lesson-{name}")) for name in LESSONS],
)
def test_a_lesson_runs_and_its_exercises_wait_until_they_are_solved(
    engine: str, lesson: str, language: str
) -> None:
    images.provide(engine, *IMAGES.get(lesson.partition("-")[0], ()))
    notebook = with_solutions(read(lesson, language), lesson)
    execute(notebook)
    marks = {
        name: (shown(notebook, slug(name))[0], shown(notebook, f"{slug(name)}-solved")[0])
        for name in exercises(lesson)
    }
    assert marks == dict.fromkeys(exercises(lesson), ("✘", "✔"))


@each_lesson
def test_the_editions_are_in_step(lesson: str) -> None:
    english, korean = read(lesson, "en").cells, read(lesson, "ko").cells
    assert [frame(cell) for cell in english] == [frame(cell) for cell in korean]


def frame(cell: Any) -> Any:
    """What is the same in both languages."""
    code = cell.source.splitlines() if cell.cell_type == "code" else []
    kept = [line for line in code if not line.startswith(("#", "%env DOCKER_MAGICS_LANG="))]
    return cell.id, cell.cell_type, cell.metadata.get("tags"), kept


@pytest.mark.parametrize("language", list(LANGUAGES))
@each_lesson
def test_a_notebook_says_each_task_and_keeps_the_solution_to_itself(
    lesson: str, language: str
) -> None:
    notebook = read(lesson, language)
    for name, each in exercises(lesson).items():
        task = f"**{name} {each.title[language]}.** {each.task[language]}"
        assert cell_of(notebook, f"{slug(name)}-task").source == task
        assert cell_of(notebook, f"{slug(name)}-check").source == f'check("{name}")'
        assert cell_of(notebook, slug(name)).source.startswith("#")
        assert solutions()[name].strip()
    assert [cell.id for cell in notebook.cells if cell.get("outputs")] == []


@each_lesson
def test_a_hint_brings_the_learner_nearly_there(lesson: str) -> None:
    for each in exercises(lesson).values():
        assert each.hints
        assert all(hint.en and hint.ko for hint in each.hints)
