"""Run a notebook in a private kernel.

`python -m tools.notebook_runner NOTEBOOK` runs it in an empty folder.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config


def execute(
    notebook: Any,
    folder: Path | None = None,
    timeout: int = 300,
    on_cell: Callable[..., None] | None = None,
) -> None:
    """Run all cells. The kernel listens on sockets in a private folder, not on TCP ports.

    Args:
        notebook: the notebook; it receives the outputs.
        folder: the kernel's working directory; by default this process's.
        timeout: maximum seconds for each cell.
        on_cell: called after each cell, as nbclient's `on_cell_executed`.

    Raises:
        CellExecutionError: a cell failed unexpectedly.
    """
    where = {"metadata": {"path": str(folder)}} if folder else {}
    with tempfile.TemporaryDirectory() as sockets:
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        NotebookClient(
            notebook, on_cell_executed=on_cell, timeout=timeout, config=config, resources=where
        ).execute()


def last_code_cell(notebook: Any) -> int:
    """Return the place of the last code cell, which cleans up in a lesson."""
    return max(place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        execute(nbformat.read(sys.argv[1], as_version=4), Path(empty), timeout=120)
