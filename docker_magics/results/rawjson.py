"""Progress of a BuildKit build as `--progress rawjson` shows it: JSON lines of BuildKit's messages.

source: moby/buildkit, client/graph.go: SolveStatus, client/status.go; util/progress/progressui.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from docker_magics.engine.buildkit import trace
from docker_magics.engine.buildkit.protobuf import Message

from .buildkit import BuildKitBuild
from .text import folded


class RawJsonBuild(BuildKitBuild):
    """A build by BuildKit, shown as JSON lines."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lines: list[str] = []

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with a message."""
        super().update(arrival)
        aux = arrival.get("aux")
        if arrival.get("id") == trace.TRACE_ID and isinstance(aux, str):
            status = status_of(base64.b64decode(aux))
            self._lines.append(json.dumps(status, ensure_ascii=False, separators=(",", ":")))

    def text(self) -> str:
        """Return the lines."""
        return "\n".join(self._lines)

    def html(self) -> str:
        """Return the lines, preformatted; only the last ones are not folded."""
        return folded(self.text())


def status_of(data: bytes) -> dict[str, Any]:
    """Return a StatusResponse as buildx prints it; empty fields are left out.

    Raises:
        ProtobufError: the bytes are not a StatusResponse.
    """
    response = Message(data)
    status = {
        "vertexes": [_vertex(Message(item)) for item in response.all(1)],
        "statuses": [_status(Message(item)) for item in response.all(2)],
        "logs": [_log(Message(item)) for item in response.all(3)],
        "warnings": [_warning(Message(item)) for item in response.all(4)],
    }
    return {name: items for name, items in status.items() if items}


def _vertex(vertex: Message) -> dict[str, Any]:
    return _filled(
        {
            "digest": vertex.text(1),
            "inputs": [digest.decode() for digest in vertex.all(2)],
            "name": vertex.text(3),
            "started": vertex.timestamp(5),
            "completed": vertex.timestamp(6),
            "cached": bool(vertex.one(4, 0)),
            "error": vertex.text(7),
        }
    )


def _status(status: Message) -> dict[str, Any]:
    head = _filled({"id": status.text(1), "vertex": status.text(2), "name": status.text(3)})
    head |= _filled({"total": status.one(5, 0)}) | {"current": status.one(4, 0)}
    times = {"timestamp": 6, "started": 7, "completed": 8}
    return head | _filled({name: status.timestamp(number) for name, number in times.items()})


def _log(log: Message) -> dict[str, Any]:
    data = base64.b64encode(log.one(4, b"")).decode()
    head = {"vertex": log.text(1), "stream": log.one(3, 0), "data": data}
    return _filled(head) | _filled({"timestamp": log.timestamp(2)})


def _warning(warning: Message) -> dict[str, Any]:
    detail = [base64.b64encode(line).decode() for line in warning.all(4)]
    short = base64.b64encode(warning.one(3, b"")).decode()
    head = {"vertex": warning.text(1), "level": warning.one(2, 0), "short": short}
    return _filled(head | {"detail": detail, "url": warning.text(5)})


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
