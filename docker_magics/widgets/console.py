"""The console: a container's terminal in a cell, shown by xterm.js.

Flow control: the page acknowledges the output that it has shown. If it falls behind, the process's
output is not read, and back-pressure blocks the process. A ring buffer keeps the last 256 KiB for
pages that are reloaded. While no page is connected, output only goes to this buffer.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import traitlets

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.phrase import Phrase, exited
from docker_magics.results.live import Interactive

from .base import Widget
from .transcript import Transcript

_REPLAY_BYTES = 256 * 1024
#: Maximum bytes that the page has not acknowledged.
_WINDOW_BYTES = 384 * 1024
#: Seconds between messages; Jupyter Server drops messages above a rate of 1,000 per second.
_PACE_S = 0.004
#: Seconds without a message after which a page counts as gone.
_VIEW_TIMEOUT_S = 15.0
#: Seconds to wait for the page's transcript once the process has ended.
_TRANSCRIPT_TIMEOUT_S = 1.0
#: Seconds between two looks at a process that a cell waits for.
_POLL_S = 0.05
#: Maximum rows or columns of a terminal.
_MAX_SIZE = 1000
_DETACHED = Phrase(
    "detached; still running in the container",
    "연결을 끊었어요. 컨테이너 안에서는 계속 실행 중이에요",
)
_CLOSED = Phrase("closed", "닫았어요")
_ELSEWHERE = Phrase(
    "(a console; open the notebook with a kernel to see it)",
    "(터미널이에요. 노트북을 커널과 함께 열면 보여요)",
)
_SAVED = Phrase("open when the notebook was saved", "노트북을 저장할 때 열려 있었어요")


@dataclass
class _View:
    """A page that shows the console.

    Attributes:
        seen: the acknowledged bytes of the stream.
        last_seen: the monotonic time of its last message.
    """

    seen: int
    last_seen: float


class Console(Widget):
    """An interactive process in a cell.

    Attributes:
        title: the command line.
        ending: how the process ended, as text; "" while it runs.
    """

    part = "console"

    title = traitlets.Unicode().tag(sync=True)
    ending = traitlets.Unicode().tag(sync=True)

    def __init__(self, process: Interactive, title: str) -> None:
        process.stdin = None
        super().__init__(name=title, title=clean(title))
        self._process = process
        self._ring = _Ring(_REPLAY_BYTES)
        self._views: dict[str, _View] = {}
        self._changed = threading.Condition()
        self._transcript: Transcript | None = None
        self._closed = False
        self._last_output = 0.0
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="docker-magics-read")
        self._writer = threading.Thread(
            target=self._run_tasks, daemon=True, name="docker-magics-type"
        )
        self._writer.start()

    def open_in_cell(self) -> None:
        """Show the console in the running cell."""
        text = f"{self.title}\n{_ELSEWHERE}"
        page = Transcript([]).html(self.title, str(_SAVED))
        self.show({"text/plain": text, "text/html": page})

    def wait(self, *, quiet_s: float, most_s: float) -> bool:
        """Start the process, even before a page is connected; return whether it has ended.

        Args:
            quiet_s: the seconds without output after which to give up: it may wait for a user.
            most_s: the seconds after which to give up in any case.
        """
        with self._changed:
            self._start_reading()
        start = time.monotonic()
        while not self.ending:
            now = time.monotonic()
            if now - max(self._last_output, start) > quiet_s or now - start > most_s:
                return False
            time.sleep(_POLL_S)
        self.join(_TRANSCRIPT_TIMEOUT_S)
        return True

    # -- from the page

    def receive(self, message: Mapping[str, Any]) -> None:
        """Handle a message of the front end: keys, sizes, acknowledgements."""
        view = str(message.get("view"))
        match message.get("kind"):
            case "hello":
                self._welcome(view, message)
            case "input":
                data = str(message["text"]).encode("latin-1" if message.get("binary") else "utf-8")
                self._tasks.put(lambda: self._process.write(data))
            case "resize":
                self._resize(message)
            case "seen":
                self._note(view, seen=int(message["end"]))
            case "ping":
                self._answer_ping(view)
            case "transcript":
                self._take_transcript(message)
            case "close":
                self.end()

    def _welcome(self, view: str, message: Mapping[str, Any]) -> None:
        """Register a page: send it the buffered output, then all further output."""
        self._resize(message)
        with self._changed:
            self._views[view] = _View(self._ring.end, time.monotonic())
            self.send({"kind": "replay", "to": view, "end": self._ring.end}, [self._ring.bytes()])
            self._changed.notify_all()
            self._start_reading()

    def _start_reading(self) -> None:
        if self._reader.ident is None and not self._closed:
            self._reader.start()

    def _note(self, view: str, *, seen: int | None = None) -> bool:
        """Record an acknowledgement; return False if the page had counted as gone."""
        with self._changed:
            known_view = self._views.get(view)
            if known_view is None:
                return False
            known_view.last_seen = time.monotonic()
            known_view.seen = known_view.seen if seen is None else seen
            self._changed.notify_all()
            return True

    def _answer_ping(self, view: str) -> None:
        if self._note(view):
            self.send({"kind": "pong", "to": view})
        else:
            self._welcome(view, {})

    def _resize(self, message: Mapping[str, Any]) -> None:
        rows, columns = int(message.get("rows", 0)), int(message.get("columns", 0))
        if 0 < rows <= _MAX_SIZE and 0 < columns <= _MAX_SIZE:
            self._tasks.put(lambda: self._process.resize(rows, columns))

    def _take_transcript(self, message: Mapping[str, Any]) -> None:
        with self._changed:
            self._transcript = Transcript.of(message["rows"])
            self._changed.notify_all()

    # -- to the page

    def _read(self) -> None:
        """Forward the process's output until its end; runs in the reader thread."""
        try:
            for frame in self._process.arrivals():
                self._show(frame.data)
            ending = self._outcome()
        except DockerMagicsError as error:
            ending = clean(str(error))
        finally:
            self._process.close()
        self._tasks.put(None)
        self._finish(ending)

    def _show(self, data: bytes) -> None:
        with self._changed:
            self._last_output = time.monotonic()
            self._ring.add(data)
            if self._views:
                self.send({"kind": "output", "end": self._ring.end}, [data])
            while not self._closed and self._is_behind():
                self._changed.wait(1.0)
        time.sleep(_PACE_S)

    def _is_behind(self) -> bool:
        """Whether all pages have too much unacknowledged output. Forgets pages that are gone."""
        now = time.monotonic()
        for view in [
            name for name, view in self._views.items() if now - view.last_seen > _VIEW_TIMEOUT_S
        ]:
            del self._views[view]
        fastest = max((view.seen for view in self._views.values()), default=self._ring.end)
        return self._ring.end - fastest > _WINDOW_BYTES

    def _outcome(self) -> str:
        if self._closed:
            return str(_CLOSED)
        code = self._process.result()
        return str(_DETACHED) if code is None else exited(code)

    def _finish(self, ending: str) -> None:
        """Announce the end, and leave a transcript in the notebook."""
        self.ending = ending
        with self._changed:
            self.send({"kind": "ended"})
            if self._views:
                self._changed.wait_for(lambda: self._transcript is not None, _TRANSCRIPT_TIMEOUT_S)
            shown = self._transcript or Transcript.of_output(self._ring.bytes())
        self.replace_with_static(shown.bundle(self.title, ending))
        if self._handle is not None:  # a console inside the dashboard stays readable
            super().close()

    # -- its end

    def _run_tasks(self) -> None:
        """Run what would block a callback, in order; runs in the writer thread."""
        while (task := self._tasks.get()) is not None:
            task()

    def end(self) -> None:
        """Hang up: end the process and its children."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            unread = self._reader.ident is None
        self._tasks.put(self._process.hang_up)
        if unread:
            self._tasks.put(lambda: self._finish(str(_CLOSED)))
            self._tasks.put(None)

    def join(self, seconds: float) -> None:
        """Wait until the process has ended and its transcript is in the notebook."""
        deadline = time.monotonic() + seconds
        for thread in (self._writer, self._reader):
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0))


class _Ring:
    """A ring buffer of a stream's last bytes, in chunks as received.

    Attributes:
        end: the total number of bytes received.
    """

    def __init__(self, size: int) -> None:
        self.end = 0
        self._size = size
        self._size_kept = 0
        self._pieces: deque[bytes] = deque()

    def add(self, data: bytes) -> None:
        self.end += len(data)
        self._size_kept += len(data)
        self._pieces.append(data)
        while self._size_kept - len(self._pieces[0]) >= self._size:
            self._size_kept -= len(self._pieces.popleft())

    def bytes(self) -> bytes:
        return b"".join(self._pieces)[-self._size :]
