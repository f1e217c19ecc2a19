"""Notebooks executed without a front end: their outputs and exports."""

from __future__ import annotations

from collections.abc import Iterator

import nbclient
import nbformat
import pytest
from nbconvert import HTMLExporter

from docker_magics import docker


@pytest.fixture
def box(engine: str) -> Iterator[str]:  # noqa: ARG001 - it sets the environment
    """A running container."""
    identity = str(docker("run -d --name box busybox sleep 1000"))
    yield identity
    docker(f"rm -f {identity}")


def executed(*cells: str) -> nbformat.NotebookNode:
    """Execute cells in a new notebook; return it with its outputs."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in ("%load_ext docker_magics", *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return nbclient.NotebookClient(notebook, allow_errors=True, timeout=60).execute()


@pytest.mark.usefixtures("box")
def test_a_console_script_leaves_its_transcript() -> None:
    script = (
        "%%docker exec -it box sh\necho $((40+2)) 한글\nprintf '\\033[31mred\\033[0m\\n'\nexit 3"
    )
    notebook = executed(script)
    transcript = notebook.cells[1].outputs[0]
    lines = transcript["data"]["text/plain"].splitlines()
    assert lines[0] == "$ docker exec -it box sh"
    assert lines[lines.index("/ # echo $((40+2)) 한글") + 1] == "42 한글"
    assert lines[-1] == "[exited with code 3]"
    page = HTMLExporter().from_notebook_node(notebook)[0]
    assert "42 한글" in page
    assert '">red</span>' in page
    assert "exited with code 3" in page


@pytest.mark.usefixtures("box")
def test_live_widgets_leave_a_table_or_a_hint() -> None:
    notebook = executed("%docker ui", "%docker exec -it box sh")
    page = HTMLExporter().from_notebook_node(notebook)[0]
    assert "<td" in page
    assert "box" in notebook.cells[1].outputs[0]["data"]["text/plain"]
    assert "%%docker exec -it box sh" in notebook.cells[2].outputs[0]["evalue"]
