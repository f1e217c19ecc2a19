"""A task that shows whether it is done, and a button that puts it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import traitlets
from ipykernel.kernelbase import Kernel

from .base import Widget


class Task(Widget):
    """One line of text, a mark, and a button.

    Attributes:
        done: whether the task is done.
        text: what the line says; `backticks` mark code.
        button: the button's label.
        is_busy: whether the button waits for its action.

    Args:
        name: the task's name.
        button: the button's label.
        press: the button's action; called between cells, as it may run some.
        ended: called when the widget closes.
    """

    part = "task"

    done = traitlets.Bool().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    is_busy = traitlets.Bool().tag(sync=True)

    def __init__(
        self,
        name: str,
        button: str,
        press: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._press = press
        self._ended = ended  # before the next line: a widget that cannot be opened is closed
        super().__init__(name=name, button=button)

    def receive(self, message: Mapping[str, Any]) -> None:
        """Handle a message of the front end: a click."""
        if message.get("kind") == "press" and not self.is_busy:
            self.is_busy = True
            between_cells(self._act)

    def _act(self) -> None:
        try:
            self._press()
        finally:
            self.is_busy = False

    def end(self) -> None:
        """Tell the owner that the widget closes."""
        self._ended()


def between_cells(action: Callable[[], None]) -> None:
    """Call a function when no cell runs; at once outside of a kernel."""
    if Kernel.initialized():
        Kernel.instance().io_loop.add_callback(action)
    else:
        action()
