"""The progress of `up -d`, `down`, `pull`, `build`: one line for each container, network, image.

events.py reads the events of `--progress json`.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docker_magics.errors import Interrupted, clean
from docker_magics.results.live import Progress
from docker_magics.results.text import Shown, Text, preformatted
from docker_magics.wire.frames import Stream

from .call import Call
from .events import DONE, ERROR, WARNING, EventReader
from .failure import failure
from .process import ComposeProcess

#: A status of Compose -> the mark in front of its line.
_MARKS = {DONE: "✔", ERROR: "✘", WARNING: "!"}
_WORKING = "…"
#: Characters of the builder's log to keep.
_LOG = 64 * 1024


@dataclass
class _Step:
    """The latest event about one object.

    Attributes:
        status: Working, Done, Warning or Error.
        text: `Creating`, `Started`.
        details: a further text, such as the reason of an error; "" if none.
    """

    status: str
    text: str
    details: str


class ComposeProgress(Progress):
    """A call with `--progress json`.

    Args:
        call: the call, without that option.
    """

    def __init__(self, call: Call) -> None:
        self._call = call.with_options("--progress", "json")
        self._process = ComposeProcess(self._call)
        self._steps: dict[str, _Step] = {}
        self._notes: dict[str, None] = {}
        self._log = ""
        self._error = ""
        self._interrupted = False

    def arrivals(self) -> Iterator[Mapping[str, Any]]:
        """Yield events, and the builder's output as `{"log": text}`."""
        reader = EventReader()
        rest = {Stream.STDOUT: b"", Stream.STDERR: b""}
        for stream, data in self._process.arrivals():
            *lines, rest[stream] = (rest[stream] + data).split(b"\n")
            yield from map(reader.read, lines)
        yield from (reader.read(line) for line in rest.values() if line)

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with an event."""
        if "log" in arrival:
            self._log = (self._log + arrival["log"] + "\n")[-_LOG:]
        elif "error" in arrival:
            self._error = str(arrival.get("message", ""))
        elif "msg" in arrival:
            self._notes[str(arrival["msg"])] = None
        elif "id" in arrival:
            texts = (arrival[name] for name in ("status", "text", "details"))
            self._steps[arrival["id"]] = _Step(*texts)

    def interrupt(self, times: int) -> str | None:
        """Ask Compose to stop."""
        self._interrupted = True
        return self._process.interrupt(times)

    def close(self) -> None:
        """End Compose if it still runs."""
        self._process.close()

    def result(self) -> Text:
        """Return the text of the progress.

        Raises:
            ComposeFailed: Compose failed; the message has the line of the cell, if known.
            Interrupted: the user interrupted it.
        """
        code = self._process.result()
        if self._interrupted:
            raise Interrupted("Compose was interrupted; see what still runs: docker compose ps")
        if code:
            raise failure(self._error or self._log, code, self._call.body)
        return Shown(self.text())

    def text(self) -> str:
        """Return one line for each object, below the builder's log and warnings."""
        width = max(map(len, self._steps), default=0)
        lines = [
            f"{_mark(step)} {name.ljust(width)}  {step.text} {step.details}".rstrip()
            for name, step in self._steps.items()
        ]
        return clean("\n".join([*self._texts_above(), *lines]))

    def html(self) -> str:
        """Return the same as a table; failed steps are in red."""
        rows = "".join(_row(name, step) for name, step in self._steps.items())
        above = "".join(preformatted(text) for text in self._texts_above())
        return f'{above}<table style="margin: 0">{rows}</table>'

    def _texts_above(self) -> list[str]:
        log = [self._log.rstrip("\n")] if self._log else []
        return [*log, *(f"! {note}" for note in self._notes)]


def _mark(step: _Step) -> str:
    return _MARKS.get(step.status, _WORKING)


def _row(name: str, step: _Step) -> str:
    cells = (_mark(step), name, step.text, step.details)
    style = "text-align: left; padding: 0 0.6em"
    colours = "; color: var(--jp-error-color1, #d32f2f)" if step.status == ERROR else ""
    inner = "".join(
        f'<td style="{style}{colours}">{html.escape(clean(cell))}</td>' for cell in cells
    )
    return f"<tr>{inner}</tr>"
