"""`make demo`: run the quickstart notebook on a real engine.

Print every cell with its output, and write the notebook as HTML.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from tools import provision
from tools.notebook_runner import execute

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks/01-quickstart.ipynb"
PAGE = ROOT / "build/quickstart.html"


def main() -> int:
    """Run the notebook; return 1 if a cell or the engine failed."""
    try:
        with provision.engine("busybox", "hello-world"):
            return _run()
    except provision.EXPECTED_ERRORS as error:
        print(error, file=sys.stderr)
        return 1


def _run() -> int:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    failed = False
    try:
        execute(notebook, on_cell=_print_cell)
    except CellExecutionError:
        failed = True  # the traceback was printed with the cell
    page, _ = HTMLExporter().from_notebook_node(notebook)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    print(f"\nWritten to {PAGE.relative_to(ROOT)}. Open the notebook in JupyterLab: make lab")
    return int(failed)


def _print_cell(cell: Any, cell_index: int, **_: Any) -> None:
    if cell.cell_type != "code":
        return
    print(f"\n\033[1m[{cell_index}]\033[0m " + cell.source.replace("\n", "\n    "))
    for output in cell.outputs:
        print(_text(output).rstrip("\n"))


def _text(output: Any) -> str:
    match output.output_type:
        case "stream":
            return str(output.text)
        case "error":
            return "\n".join(output.traceback)
    return str(output.data.get("text/plain", ""))


if __name__ == "__main__":
    sys.exit(main())
