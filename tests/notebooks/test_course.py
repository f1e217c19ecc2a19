"""The course: run each lesson in both languages on each engine, and solve each exercise."""

from __future__ import annotations

import copy
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import POD

from docker_magics.course.exercise import Exercise
from docker_magics.course.exercises import sections
from docker_magics.course.question import questions
from docker_magics.course.quiz import quizzes
from docker_magics.engine.error_hints import _HINTS
from tools import images, notebook_runner

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
LESSONS = sorted(
    path.name for path in NOTEBOOKS.glob("*.ipynb") if path.name.partition("-")[0] in sections()
)
LANGUAGES = {"en": NOTEBOOKS, "ko": NOTEBOOKS / "ko"}
#: Section -> images that it needs in addition to busybox and hello-world.
IMAGES = {
    "02": ("redis",),
    "03": ("redis",),
    "04": ("busybox",),
    "05": ("node",),
    "06": ("redis", "node"),
    "07": ("registry",),
}

each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_engine = pytest.mark.parametrize("address", ["docker", "embedded", POD], indirect=True)


def read(lesson: str, language: str) -> Any:
    return nbformat.read(LANGUAGES[language] / lesson, as_version=4)


def exercises(lesson: str) -> dict[str, Exercise]:
    return sections()[lesson.partition("-")[0]].exercises


def cell_of(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == name)


def slug(exercise: str) -> str:
    return "exercise-" + exercise.replace(".", "-")


def execute(notebook: Any) -> None:
    """Execute a notebook in a temporary folder; raise errors of cells not tagged to raise them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the engine may be another user's
        notebook_runner.execute(notebook, Path(folder), timeout=120)


def shown(notebook: Any, cell: str) -> str:
    """Return the text that the check of an exercise's cell shows."""
    (output,) = cell_of(notebook, f"{cell}-check").outputs
    return output["data"]["text/plain"]


def with_solutions(notebook: Any, lesson: str) -> Any:
    """Insert solutions and checks of all exercises before the cell that cleans up."""
    solution_cells = []
    for name, exercise in exercises(lesson).items():
        solution_cells += [
            nbformat.v4.new_code_cell(exercise.solution),
            nbformat.v4.new_code_cell(f'check("{name}")', id=f"{slug(name)}-solved-check"),
        ]
    place = notebook_runner.last_code_cell(notebook)
    notebook.cells[place:place] = solution_cells
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
    assert language == "en" or english_of_ours(notebook) == []


def english_of_ours(notebook: Any) -> list[str]:
    """Return what docker_magics itself, not the engine, says in English in the outputs."""
    outputs = "\n".join(map(str, (cell.outputs for cell in notebook.cells if "outputs" in cell)))
    ours = ["exited with code", "of the cell", "Built ", *(hint.en for _, hint in _HINTS)]
    return [phrase for phrase in ours if phrase in outputs]


@pytest.mark.parametrize("address", ["embedded", POD], indirect=True)
@each_lesson
def test_every_cell_runs_twice_and_after_a_restart_at_a_heading(
    engine: str, lesson: str, tmp_path: Path
) -> None:
    images.provide(engine, *IMAGES.get(lesson.partition("-")[0], ()))
    for part in halves(read(lesson, "en")):
        part.cells = [
            cell
            for original in part.cells
            if original.cell_type == "code"
            for cell in (original, nbformat.v4.new_code_cell(original.source, **kept(original)))
        ]
        notebook_runner.execute(part, tmp_path, timeout=120)


def halves(notebook: Any) -> tuple[Any, Any]:
    """Return the two halves of a notebook, cut at a heading; both have its first code cell."""
    cells = notebook.cells
    headings = [place for place, cell in enumerate(cells) if cell.source.startswith("## ")]
    middle = min(headings, key=lambda place: abs(place - len(cells) / 2))
    first = next(cell for cell in cells if cell.cell_type == "code")
    return tuple(
        nbformat.v4.new_notebook(cells=part, metadata=notebook.metadata)
        for part in (cells[:middle], [copy.deepcopy(first), *cells[middle:]])
    )


def kept(cell: Any) -> dict[str, Any]:
    """Return the metadata of a cell's copy: its tags."""
    return {"metadata": {"tags": cell.metadata.get("tags", [])}}


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
        assert cell_of(notebook, f"{slug(name)}-tick").source == f'task("{name}")'
        assert cell_of(notebook, f"{slug(name)}-check").source == f'check("{name}")'
        assert cell_of(notebook, slug(name)).source.startswith("#")
        if exercise.given:
            given = cell_of(notebook, f"{slug(name)}-given").source
            assert [line for line in given.splitlines() if not line.startswith("fresh(")] == (
                exercise.given.splitlines()
            )
    assert [cell.id for cell in notebook.cells if cell.get("outputs")] == []


@each_lesson
def test_exercises_are_numbered_in_the_order_of_the_notebook(lesson: str) -> None:
    tasks = [cell.id for cell in read(lesson, "en").cells if cell.id.endswith("-task")]
    assert tasks == [f"{slug(name)}-task" for name in exercises(lesson)]


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_question_is_asked_once(language: str) -> None:
    """Each question is asked once in its section."""
    asked = [
        match[1]
        for lesson in LESSONS
        for cell in read(lesson, language).cells
        if (match := re.fullmatch(r'predict\("(.*)"\)', cell.source))
    ]
    assert sorted(asked) == sorted(questions())


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_quiz_is_asked_in_its_section(language: str) -> None:
    asked = [
        (path.name.partition("-")[0], match[1])
        for path in sorted(LANGUAGES[language].glob("*.ipynb"))
        for cell in read(path.name, language).cells
        if (match := re.fullmatch(r'quiz\("(.*)"\)', cell.source))
    ]
    assert asked == [(section, section) for section in sorted(quizzes())]
