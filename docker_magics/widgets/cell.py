"""Live results in a notebook's cell: streams, pictures in their place, consoles, the dashboard.

Widgets are imported where one is shown: loading the extension costs nothing of them.
"""

from __future__ import annotations

import time
from typing import Any

from docker_magics.errors import UsageError
from docker_magics.results.live import Interactive, Panel, Progress
from docker_magics.results.show import REDRAW_S, Streams, View, consume_process
from docker_magics.results.text import Output
from docker_magics.wire.frames import Stream

#: Characters of a script's transcript.
_TRANSCRIPT = 256 * 1024


class Cell(Streams):
    """A notebook's cell: stages are drawn in one place, and stay there as HTML and text.

    Args:
        title: the command line.
        has_page: whether a person sees the notebook, or it is executed without one (nbconvert).
    """

    def __init__(self, title: str, *, has_input: bool = False, has_page: bool = True) -> None:
        super().__init__(has_input=has_input)
        self._title = title
        self._has_page = has_page
        self._handle: Any = None

    def interact(self, process: Interactive) -> Any:
        """A console, which goes on beside the cells; or the script that the cell's body is."""
        if self._has_input:
            return self._transcribed(process)
        if not self._has_page:
            process.hang_up()
            hint = f"As a cell, %%{self._title}, the body is typed into it."
            raise UsageError("nobody is here to type: the notebook runs without a page", hint=hint)
        from .console import Console

        Console(process, self._title).open_in_cell()
        return None

    def _transcribed(self, process: Interactive) -> Output:
        """What a script types and gets: one output, as exporters lay several apart."""
        typed = _Typed(self)
        output = consume_process(process, typed)
        code = process.result()
        typed.show("detached" if code is None else f"exited with code {code}")
        return output

    def show_transcript(self, output: str, ending: str) -> None:
        """A terminal's output so far, and how it ended."""
        from .transcript import Transcript

        self._place(Transcript.of_output(output.encode()).bundle(self._title, ending))

    def open(self, panel: Panel) -> Any:
        """The dashboard, where there is a page for it."""
        if not self._has_page:
            return panel.table()
        from .dashboard import Dashboard

        Dashboard(panel, self._title).open_in_cell()
        return None

    def draw(self, progress: Progress, *, last: bool) -> None:  # noqa: ARG002
        """Draw it anew in its place."""
        self._place({"text/plain": progress.text(), "text/html": progress.html()})

    def _place(self, bundle: dict[str, str]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class _Typed(View):
    """A terminal's output, shown in one place of a cell while it comes."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._output = ""
        self._shown = 0.0

    def write(self, stream: Stream, text: str) -> None:  # noqa: ARG002 - a terminal has one
        """The last of it is kept."""
        self._output = (self._output + text)[-_TRANSCRIPT:]
        if time.monotonic() - self._shown > REDRAW_S:
            self.show("")

    def show(self, ending: str) -> None:
        """Show it, with how it ended."""
        self._cell.show_transcript(self._output, ending)
        self._shown = time.monotonic()

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Beside it."""
        self._cell.draw(progress, last=last)

    def notify(self, text: str) -> None:
        """Beside it."""
        self._cell.notify(text)
