"""All notebooks in both languages on each engine: twice in one kernel, and after a restart.

`make test-nightly` runs all combinations, `make test` a few that cover each engine and language.
"""

from __future__ import annotations

import copy
import os
import tempfile
from pathlib import Path

import nbformat
import pytest
from conftest import POD, USER

from docker_magics.course.exercises import sections
from tools import images, notebook_runner

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
NAMES = [str(path.relative_to(NOTEBOOKS)) for path in sorted(NOTEBOOKS.glob("**/0*.ipynb"))]
ENGINES = ("docker", USER, POD)
_SOME = [
    ("ko/02-basics.ipynb", "docker"),
    ("03-client-commands.ipynb", USER),
    ("ko/01-quickstart.ipynb", POD),
]
_ALL = [(name, engine) for engine in ENGINES for name in NAMES]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("name", "address"),
    _ALL if os.environ.get("DOCKER_MAGICS_NIGHTLY") == "all" else _SOME,
    indirect=["address"],
)
def test_a_notebook_runs_twice_and_after_a_restart(engine: str, name: str) -> None:
    """The second run in the first kernel ends before the cell that cleans up."""
    images.provide(engine)
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    cleans_up = Path(name).name.partition("-")[0] in sections()
    last = notebook_runner.last_code_cell(notebook) if cleans_up else None
    twice = copy.deepcopy(notebook)
    twice.cells += copy.deepcopy(notebook.cells[:last])
    with tempfile.TemporaryDirectory() as folder:  # pytest's folders are closed to other users
        Path(folder).chmod(0o755)
        for kernel in (twice, notebook):
            notebook_runner.execute(kernel, Path(folder), timeout=300)
