"""When widgets end: their cell runs again, or the kernel ends.

Running a cell again tells the kernel nothing of the widgets that it replaces, so they are
remembered by the cell's ID, which JupyterLab, Notebook and VS Code send with each execution.
"""

from __future__ import annotations

import atexit
import time
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

if TYPE_CHECKING:
    from .base import Widget

#: Seconds that an ending kernel waits for all; Jupyter kills it after five.
_PATIENCE_S = 4.0
_open: dict[Widget, str | None] = {}


def add(widget: Widget) -> None:
    """Remember a widget of the running cell."""
    if not _open:
        _listen()
    _open[widget] = _cell()


def discard(widget: Widget) -> None:
    """Forget it."""
    _open.pop(widget, None)


def _listen() -> None:
    """Hear of cells that run, and of the kernel's end; once."""
    atexit.unregister(_close_all)
    atexit.register(_close_all)
    shell = get_ipython()
    if shell is not None and _close_replaced not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _close_replaced)


def _cell() -> str | None:
    parent: dict[str, Any] = getattr(get_ipython(), "parent_header", None) or {}
    return (parent.get("metadata") or {}).get("cellId")


def _close_replaced(_info: Any) -> None:
    cell = _cell()
    for widget in [each for each, place in _open.items() if cell and place == cell]:
        widget.close()


def _close_all() -> None:
    deadline = time.monotonic() + _PATIENCE_S
    widgets = list(_open)
    for widget in widgets:
        widget.end()
    for widget in widgets:
        widget.join(max(deadline - time.monotonic(), 0))
