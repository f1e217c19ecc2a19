"""Show live results in a notebook cell: streams, progress, consoles and the dashboard.

Widgets are imported on first use, to keep loading the extension cheap.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from docker_magics.errors import UsageError
from docker_magics.phrase import Phrase, exited
from docker_magics.results.live import Interactive, Panel, Progress
from docker_magics.results.pacing import Allowance
from docker_magics.results.show import REDRAW_S, Streams, View, consume_process
from docker_magics.results.text import Output
from docker_magics.wire.frames import Stream

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: Less than Jupyter Server's limit, 3 MB within 3 seconds: it may receive messages late, and drops
#: what exceeds the limit.
_ALLOWANCE = Allowance(2_600_000, 4.0)
#: Bytes of a message beside its text.
_ENVELOPE = 1000
#: Seconds without output after which a cell no longer waits for a console, and in total.
_QUIET_S, _WAIT_S = 10.0, 300.0
#: Maximum characters of a script's transcript.
_TRANSCRIPT = 256 * 1024
_DETACHED = Phrase("detached", "연결을 끊었어요")
_NO_PAGE = Phrase(
    "interactive commands need a live front end",
    "직접 입력하는 명령은 노트북을 열어 둔 화면이 있어야 실행할 수 있어요",
)
_WRITE_BODY = Phrase(
    "Write the input as the body of a cell that begins with %%{title}.",
    "셀의 첫 줄을 %%{title}, 그 아래를 입력할 내용으로 쓰세요.",
)


def has_page(shell: InteractiveShell) -> bool:
    """Whether a front end shows the notebook: headless execution sets allow_stdin to false."""
    kernel = getattr(shell, "kernel", None)
    return kernel is not None and bool(
        kernel.get_parent().get("content", {}).get("allow_stdin", True)
    )


class Cell(Streams):
    """A notebook cell: progress is redrawn in place, and stays there as HTML and text.

    Args:
        title: the command line.
        has_input: whether the cell's body is the process's stdin.
        has_page: whether a live front end is attached; False under nbconvert.
    """

    def __init__(self, title: str, *, has_input: bool = False, has_page: bool = True) -> None:
        super().__init__(has_input=has_input)
        self._title = title
        self._has_page = has_page
        self._handle: Any = None

    def write(self, stream: Stream, text: str) -> None:
        """Write to stdout or stderr, not faster than Jupyter Server passes it on."""
        _ALLOWANCE.spend(len(json.dumps(text, ensure_ascii=False).encode()) + _ENVELOPE)
        super().write(stream, text)

    def interact(self, process: Interactive) -> Any:
        """Open a console, which keeps running after the cell; or type the cell's body into it.

        The cell waits for a command that needs no user, so that the next cell finds its files.
        """
        if self._has_input:
            return self._run_script(process)
        if not self._has_page:
            process.hang_up()
            hint = str(_WRITE_BODY).format(title=self._title)
            raise UsageError(str(_NO_PAGE), hint=hint)
        from .console import Console

        console = Console(process, self._title)
        console.open_in_cell()
        if process.ends_by_itself and console.wait(quiet_s=_QUIET_S, most_s=_WAIT_S):
            return Output("", "", process.result())
        return None

    def _run_script(self, process: Interactive) -> Output:
        """Show input and output of a script as one cell output; exporters separate several."""
        transcript = _ScriptView(self)
        output = consume_process(process, transcript)
        code = process.result()
        transcript.show(str(_DETACHED) if code is None else exited(code))
        return output

    def show_transcript(self, output: str, ending: str) -> None:
        """Show a terminal's output so far, and how it ended ("" while it runs)."""
        from .transcript import Transcript

        self._place(Transcript.of_output(output.encode()).bundle(self._title, ending))

    def open(self, panel: Panel) -> Any:
        """Open the dashboard, or return the table without a front end."""
        if not self._has_page:
            return panel.table()
        from .dashboard import Dashboard

        Dashboard(panel, self._title).open_in_cell()
        return None

    def draw(self, progress: Progress, *, last: bool) -> None:  # noqa: ARG002
        """Redraw the progress in place."""
        self._place({"text/plain": progress.text(), "text/html": progress.html()})

    def _place(self, bundle: dict[str, str]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class _ScriptView(View):
    """Shows a terminal's output in one place of a cell as it arrives."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._output = ""
        self._shown = 0.0

    def write(self, stream: Stream, text: str) -> None:  # noqa: ARG002 - a terminal has one stream
        """Keep the tail of the output and show it."""
        self._output = (self._output + text)[-_TRANSCRIPT:]
        if time.monotonic() - self._shown > REDRAW_S:
            self.show("")

    def show(self, ending: str) -> None:
        """Show the output, and how it ended."""
        self._cell.show_transcript(self._output, ending)
        self._shown = time.monotonic()

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Draw progress in the cell."""
        self._cell.draw(progress, last=last)

    def notify(self, text: str) -> None:
        """Show a message in the cell."""
        self._cell.notify(text)
