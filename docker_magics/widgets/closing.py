"""Close widgets when their cell runs again, and when the kernel exits.

The kernel is not told which widgets a cell that runs again replaces. They are therefore tracked by
the cell's ID, which JupyterLab, Notebook and VS Code send with each execution. What one execution
opens it does not replace, though it may run further cells (`reset` of the course).
"""

from __future__ import annotations

import atexit
import time
from typing import Any, Protocol

from IPython.core.getipython import get_ipython

#: Seconds that an exiting kernel waits for all widgets; Jupyter kills it after five.
_EXIT_TIMEOUT_S = 4.0


class Closable(Protocol):
    """A widget as this module sees it."""

    def end(self) -> None:
        """Start to release all resources; return at once."""

    def join(self, seconds: float) -> None:
        """Wait until all resources are released."""

    def close(self) -> None:
        """End the widget and remove it from the page."""


#: The open widgets, and the IDs of their cells and executions.
_open: dict[Closable, tuple[str | None, str | None]] = {}


def add(widget: Closable) -> None:
    """Track a widget of the running cell."""
    if not _open:
        _register_hooks()
    _open[widget] = _execution()


def discard(widget: Closable) -> None:
    """Stop tracking a widget."""
    _open.pop(widget, None)


def _register_hooks() -> None:
    """Register for cell runs and for the kernel's exit. Idempotent."""
    atexit.unregister(_close_all)
    atexit.register(_close_all)
    shell = get_ipython()
    if shell is not None and _close_replaced not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _close_replaced)


def _execution() -> tuple[str | None, str | None]:
    """Return the IDs of the running cell and of its execution."""
    parent: dict[str, Any] = getattr(get_ipython(), "parent_header", None) or {}
    return (parent.get("metadata") or {}).get("cellId"), (parent.get("header") or {}).get("msg_id")


def _close_replaced(_info: Any) -> None:
    running, execution = _execution()
    for widget, (cell, opened_by) in list(_open.items()):
        if running and cell == running and opened_by != execution:
            widget.close()


def _close_all() -> None:
    deadline = time.monotonic() + _EXIT_TIMEOUT_S
    widgets = list(_open)
    for widget in widgets:
        widget.end()
    for widget in widgets:
        widget.join(max(deadline - time.monotonic(), 0))
