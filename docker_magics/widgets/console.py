"""The console: a container's terminal in a cell, xterm.js in the page.

The page acknowledges what it has shown; where it is behind, the process's output is not read, so
that the engine holds the process up. The last 256 KiB are kept: a page that is loaded again gets
them. While no page looks, output is read into them alone.
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
from docker_magics.results.live import Interactive

from .base import Widget
from .transcript import Transcript

_REPLAY_BYTES = 256 * 1024
#: Bytes that may be under way to the page.
_WINDOW_BYTES = 384 * 1024
#: Seconds between messages: the server drops them beyond 1,000 a second.
_PACE_S = 0.004
#: Seconds without a word after which a page counts as gone.
_SILENCE_S = 15.0
#: Seconds that the page has to hand over what it shows, once the process has ended.
_LAST_WORDS_S = 1.0
_LARGEST = 1000


@dataclass
class _View:
    """A page: what it has shown (bytes from the start), and when it was last heard of."""

    seen: int
    spoke: float


class Console(Widget):
    """A process with a terminal, in a cell.

    Attributes:
        title: the command line.
        ending: how it ended, in words; "" while it runs.
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
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="docker-magics-read")
        self._writer = threading.Thread(target=self._obey, daemon=True, name="docker-magics-type")
        self._writer.start()

    def open_in_cell(self) -> None:
        """Show it in the running cell."""
        text = f"{self.title}\n(a console; it is shown in a running notebook)"
        page = Transcript([]).html(self.title, "open while this was saved")
        self.show({"text/plain": text, "text/html": page})

    # -- from the page

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take a message of the front end: keys, sizes, acknowledgements."""
        view = str(message.get("view"))
        match message.get("kind"):
            case "hello":
                self._welcome(view, message)
            case "input":
                data = str(message["text"]).encode("latin-1" if message.get("binary") else "utf-8")
                self._orders.put(lambda: self._process.write(data))
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
        """A page that begins to show it: it gets the replay, then what comes."""
        self._resize(message)
        with self._changed:
            self._views[view] = _View(self._ring.end, time.monotonic())
            self.send({"kind": "replay", "to": view, "end": self._ring.end}, [self._ring.bytes()])
            self._changed.notify_all()
            if self._reader.ident is None and not self._closed:
                self._reader.start()

    def _note(self, view: str, *, seen: int | None = None) -> bool:
        """What a page has shown; False where it had counted as gone."""
        with self._changed:
            known = self._views.get(view)
            if known is None:
                return False
            known.spoke = time.monotonic()
            known.seen = known.seen if seen is None else seen
            self._changed.notify_all()
            return True

    def _answer_ping(self, view: str) -> None:
        if self._note(view):
            self.send({"kind": "pong", "to": view})
        else:
            self._welcome(view, {})

    def _resize(self, message: Mapping[str, Any]) -> None:
        rows, columns = int(message.get("rows", 0)), int(message.get("columns", 0))
        if 0 < rows <= _LARGEST and 0 < columns <= _LARGEST:
            self._orders.put(lambda: self._process.resize(rows, columns))

    def _take_transcript(self, message: Mapping[str, Any]) -> None:
        with self._changed:
            self._transcript = Transcript.of(message["rows"])
            self._changed.notify_all()

    # -- to the page

    def _read(self) -> None:
        """The reader's thread: the process's output, until its end."""
        try:
            for frame in self._process.arrivals():
                self._show(frame.data)
            ending = self._outcome()
        except DockerMagicsError as error:
            ending = clean(str(error))
        finally:
            self._process.close()
        self._orders.put(None)
        self._finish(ending)

    def _show(self, data: bytes) -> None:
        with self._changed:
            self._ring.add(data)
            if self._views:
                self.send({"kind": "output", "end": self._ring.end}, [data])
            while not self._closed and self._is_behind():
                self._changed.wait(1.0)
        time.sleep(_PACE_S)

    def _is_behind(self) -> bool:
        """Whether the fastest page has more under way than it should; pages that are gone go."""
        now = time.monotonic()
        for view in [key for key, each in self._views.items() if now - each.spoke > _SILENCE_S]:
            del self._views[view]
        fastest = max((each.seen for each in self._views.values()), default=self._ring.end)
        return self._ring.end - fastest > _WINDOW_BYTES

    def _outcome(self) -> str:
        if self._closed:
            return "closed"
        code = self._process.result()
        return (
            "detached; it goes on in the container" if code is None else f"exited with code {code}"
        )

    def _finish(self, ending: str) -> None:
        """Say how it ended; what the page shows then stays in the notebook."""
        self.ending = ending
        with self._changed:
            self.send({"kind": "ended"})
            if self._views:
                self._changed.wait_for(lambda: self._transcript is not None, _LAST_WORDS_S)
            shown = self._transcript or Transcript.of_output(self._ring.bytes())
        self.replace_with_static(shown.bundle(self.title, ending))
        if self._handle is not None:  # a dashboard's console stays in it, to be read
            super().close()

    # -- its end

    def _obey(self) -> None:
        """The writer's thread: what may block a callback is done here, in its order."""
        while (order := self._orders.get()) is not None:
            order()

    def end(self) -> None:
        """Hang up: the process and what it started end."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            unread = self._reader.ident is None
        self._orders.put(self._process.hang_up)
        if unread:
            self._orders.put(lambda: self._finish("closed"))
            self._orders.put(None)

    def join(self, seconds: float) -> None:
        """Wait until the process has gone, and its transcript stands in its place."""
        deadline = time.monotonic() + seconds
        for thread in (self._writer, self._reader):
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0))


class _Ring:
    """The last bytes of a stream, in the pieces in which they came.

    Attributes:
        end: how many bytes there have been in all.
    """

    def __init__(self, size: int) -> None:
        self.end = 0
        self._size = size
        self._kept = 0
        self._pieces: deque[bytes] = deque()

    def add(self, data: bytes) -> None:
        self.end += len(data)
        self._kept += len(data)
        self._pieces.append(data)
        while self._kept - len(self._pieces[0]) >= self._size:
            self._kept -= len(self._pieces.popleft())

    def bytes(self) -> bytes:
        return b"".join(self._pieces)[-self._size :]
