"""The events of `--progress json`: those of Compose 5, and those of Compose 2 in the same form.

source: docker/compose, cmd/display/json.go (5.0), pkg/progress/json.go (2.40); moby/buildkit,
client/graph.go: SolveStatus.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from .failure import event_of

DONE, ERROR, WARNING, WORKING = "Done", "Error", "Warning", "Working"
#: What Compose 2 writes of an object that it still works on, such as `Creating`.
_STILL = re.compile(r"(?!Running\b)\w+ing\b|Recreate$|Restart$")
_WARNINGS = {"Resource is still in use", "Interrupted"}


class EventReader:
    """Reads the lines of Compose's output."""

    def __init__(self) -> None:
        self._started: set[str] = set()

    def read(self, line: bytes) -> Mapping[str, Any]:
        """Return an event.

        Returns:
            `{"id", "status", "text", "details"}` of an object, with the status Working, Done,
            Warning or Error; `{"log"}`, lines of the builder; `{"msg"}`, a note;
            `{"error", "message"}`.
        """
        text = line.decode(errors="replace").rstrip("\r")
        event = event_of(text)
        if event is None:
            return {"log": text}
        if event.keys() & {"vertexes", "statuses", "logs"}:
            lines = [*self._vertices(event), *_logged(event)]
            return {"log": "\n".join(lines)} if lines else {}
        return _step(event) if "id" in event else event

    def _vertices(self, event: Mapping[str, Any]) -> Iterator[str]:
        """Yield the builder's steps that start, each once, and those that fail."""
        for vertex in event.get("vertexes") or ():
            name = str(vertex.get("name", ""))
            if vertex.get("started") and name not in self._started:
                self._started.add(name)
                yield f"{name} CACHED" if vertex.get("cached") else name
            if error := vertex.get("error"):
                yield f"ERROR: {error}"


def _logged(event: Mapping[str, Any]) -> Iterator[str]:
    for log in event.get("logs") or ():
        with suppress(binascii.Error):
            data = base64.b64decode(str(log.get("data", "")), validate=True)
            yield data.decode(errors="replace").rstrip("\r\n")


def _step(event: Mapping[str, Any]) -> dict[str, str]:
    status, text, details = (str(event.get(name, "")) for name in ("status", "text", "details"))
    if status not in {DONE, ERROR, WARNING, WORKING} or not text:  # Compose 2: two texts
        text, details = (text, status) if text else (status, "")
        status = _status(text)
    return {"id": str(event["id"]), "status": status, "text": text, "details": details}


def _status(text: str) -> str:
    if text == ERROR:
        return ERROR
    if text in _WARNINGS:
        return WARNING
    return WORKING if _STILL.match(text) else DONE
