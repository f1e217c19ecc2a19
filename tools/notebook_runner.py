"""Running a notebook in a kernel of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from traitlets.config import Config


def execute(
    notebook: Any,
    folder: Path | None = None,
    timeout: int = 300,
    on_cell: Callable[..., None] | None = None,
) -> None:
    """Run all cells; the kernel is reached by sockets in a private folder, not by TCP ports.

    Args:
        notebook: gets the outputs.
        folder: that the kernel works in; this process's by default.
        timeout: seconds that one cell may take.
        on_cell: called after each cell, as nbclient's `on_cell_executed`.

    Raises:
        CellExecutionError: a cell failed that was not meant to.
    """
    where = {"metadata": {"path": str(folder)}} if folder else {}
    with tempfile.TemporaryDirectory() as sockets:
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        NotebookClient(
            notebook, on_cell_executed=on_cell, timeout=timeout, config=config, resources=where
        ).execute()
