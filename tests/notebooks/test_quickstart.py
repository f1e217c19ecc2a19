"""The quickstart notebook, executed in a real kernel on each engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools import notebook_runner

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


@pytest.fixture
def executed(engine: str) -> Any:
    """The executed notebook; errors of cells are raised."""
    assert engine
    notebook = nbformat.read(NOTEBOOKS / "01-quickstart.ipynb", as_version=4)
    notebook_runner.execute(notebook, timeout=120)
    return notebook


def outputs(notebook: Any, source: str) -> str:
    """Return the output text of the cell with this beginning."""
    cell = next(cell for cell in notebook.cells if cell.source.startswith(source))
    texts = [output.get("text") or output["data"]["text/plain"] for output in cell.outputs]
    return "".join(texts)


def test_every_cell_runs(executed: Any) -> None:
    assert "Hello from Docker!" in outputs(executed, "%docker run --rm hello-world")
    listing = outputs(executed, "%docker ps")
    assert listing.startswith("CONTAINER ID")
    assert "quickstart-clock" in listing
    assert "datetime64[ns, UTC]" in outputs(executed, "%docker containers <<")
    assert outputs(executed, "%docker exec").count("<h1>Hello from a container</h1>") == 2
    assert "I am " in outputs(executed, "%%docker exec")
    assert "Hello, notebook" in outputs(executed, "%docker run --rm -e NAME")
    assert "quickstart-web" in outputs(executed, "%docker rm")
