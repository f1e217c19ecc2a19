"""The course: run each lesson in both languages on each engine, and solve each exercise."""

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
#: Section -> images that it needs in addition to busybox and hello-world.
IMAGES = {"02": ("redis",), "03": ("redis",), "04": ("busybox",), "05": ("node",)}

each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_engine = pytest.mark.parametrize("address", ["docker", "embedded"], indirect=True)


def read(lesson: str, language: str) -> Any:
    return nbformat.read(LANGUAGES[language] / lesson, as_version=4)


def exercises(lesson: str) -> dict[str, Exercise]:
    return sections()[lesson.partition("-")[0]].exercises


def solutions() -> dict[str, str]:
    """Return the solutions of all sections: exercise -> cell."""
    files = (runpy.run_path(str(path)) for path in SOLUTIONS.glob("*.py"))
    return {name: cell for file in files for name, cell in file["CELLS"].items()}


def cell_of(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == name)


def slug(exercise: str) -> str:
    return "exercise-" + exercise.replace(".", "-")


def execute(notebook: Any) -> None:
    """Execute a notebook in a temporary folder; raise errors of cells not tagged to raise them."""
    with tempfile.TemporaryDirectory() as folder:
        notebook_runner.execute(notebook, Path(folder), timeout=120)


def shown(notebook: Any, cell: str) -> str:
    """Return the text that the check of an exercise's cell shows."""
    (output,) = cell_of(notebook, f"{cell}-check").outputs
    return output["data"]["text/plain"]


def with_solutions(notebook: Any, lesson: str) -> Any:
    """Insert solutions and checks of all exercises before the last cell, which cleans up.

    The exercises are at the end, so all cells above run as in the lesson.
    """
    solution_cells = []
    for name in exercises(lesson):
        solution_cells += [
            nbformat.v4.new_code_cell(solutions()[name]),
            nbformat.v4.new_code_cell(f'check("{name}")', id=f"{slug(name)}-solved-check"),
        ]
    notebook.cells[-1:-1] = solution_cells
    return notebook


@pytest.mark.parametrize("language", list(LANGUAGES))
@each_engine
@pytest.mark.parametrize(
    "lesson",
    [pytest.param(name, marks=pytest.mark.xdist_group(f"lesson-{name}")) for name in LESSONS],
)
def test_a_lesson_runs_and_its_checks_pass_only_with_solutions(
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
def test_both_languages_have_the_same_cells(lesson: str) -> None:
    english, korean = read(lesson, "en").cells, read(lesson, "ko").cells
    assert [frame(cell) for cell in english] == [frame(cell) for cell in korean]


def frame(cell: Any) -> Any:
    """Return the parts of a cell that both languages share."""
    code = cell.source.splitlines() if cell.cell_type == "code" else []
    kept = [line for line in code if not line.startswith(("#", "%env DOCKER_MAGICS_LANG="))]
    return cell.id, cell.cell_type, cell.metadata.get("tags"), kept


@pytest.mark.parametrize("language", list(LANGUAGES))
@each_lesson
def test_a_notebook_contains_each_task_without_its_solution(lesson: str, language: str) -> None:
    notebook = read(lesson, language)
    for name, exercise in exercises(lesson).items():
        task = f"**{name} {exercise.title[language]}.** {exercise.task[language]}"
        assert cell_of(notebook, f"{slug(name)}-task").source == task
        assert cell_of(notebook, f"{slug(name)}-check").source == f'check("{name}")'
        assert cell_of(notebook, slug(name)).source.startswith("#")
        assert solutions()[name].strip()
    assert [cell.id for cell in notebook.cells if cell.get("outputs")] == []


@each_lesson
def test_every_exercise_has_hints_in_both_languages(lesson: str) -> None:
    for exercise in exercises(lesson).values():
        assert exercise.hints
        assert all(hint.en and hint.ko for hint in exercise.hints)
