"""The quickstart and the overview, executed in a real kernel."""

from __future__ import annotations

import re
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
    return run("01-quickstart.ipynb")


def run(name: str, folder: Path | None = None) -> Any:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    notebook_runner.execute(notebook, folder, timeout=120)
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


@pytest.mark.parametrize("address", ["embedded"], indirect=True)
@pytest.mark.usefixtures("engine")
def test_the_korean_quickstart_runs() -> None:
    assert "quickstart-web" in outputs(run("ko/01-quickstart.ipynb"), "%docker rm")


@pytest.mark.parametrize("address", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    ("name", "section", "term"),
    [
        ("00-overview.ipynb", "02 Docker basics: 0 of 6 done", "layer (레이어)"),
        ("ko/00-overview.ipynb", "02 도커 기초: 6문제 중 0개 완료", "레이어 (layer)"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_the_overview_shows_progress_and_words(
    tmp_path: Path, name: str, section: str, term: str
) -> None:
    notebook = run(name, tmp_path)
    assert section in outputs(notebook, "progress()")
    assert term in outputs(notebook, "glossary()")


@pytest.mark.parametrize("language", ["", "ko"])
def test_links_between_notebooks_lead_somewhere(language: str) -> None:
    for path in (NOTEBOOKS / language).glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for target in re.findall(r"\]\(([\w-]+\.ipynb)\)", cell.source):
                assert (path.parent / target).exists(), f"{path.name} links to {target}"
