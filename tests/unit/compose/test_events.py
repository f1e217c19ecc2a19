"""The events of Compose 2.40 and 5.6."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from docker_magics.compose.events import EventReader


def _read(*events: dict[str, Any]) -> list[Any]:
    reader = EventReader()
    return [reader.read(json.dumps(event).encode()) for event in events]


@pytest.mark.parametrize(
    ("event", "step"),
    [
        ({"status": "Working", "text": "Creating"}, ("Working", "Creating", "")),
        ({"status": "Done", "text": "Running"}, ("Done", "Running", "")),
        ({"status": "Error", "text": "Error", "details": "no"}, ("Error", "Error", "no")),
        ({"status": "Creating"}, ("Working", "Creating", "")),
        ({"status": "Created"}, ("Done", "Created", "")),
        ({"status": "Recreate"}, ("Working", "Recreate", "")),
        ({"status": "Running"}, ("Done", "Running", "")),
        ({"status": "Healthy"}, ("Done", "Healthy", "")),
        ({"status": "Error"}, ("Error", "Error", "")),
        ({"status": "Resource is still in use"}, ("Warning", "Resource is still in use", "")),
        ({"text": "Pulling"}, ("Working", "Pulling", "")),
        ({"text": "Error", "status": "no such host"}, ("Error", "Error", "no such host")),
        ({"text": "Downloading", "status": "[=> ]"}, ("Working", "Downloading", "[=> ]")),
        ({"text": "Pull complete"}, ("Done", "Pull complete", "")),
    ],
)
def test_steps(event: dict[str, str], step: tuple[str, str, str]) -> None:
    [read] = _read({"id": "a", **event})
    assert (read["status"], read["text"], read["details"]) == step


def test_the_builders_events_of_compose_2() -> None:
    step = {"name": "[web 2/2] RUN echo hello; false", "started": "2026-12-01T00:52:27Z"}
    log = {"stream": 1, "data": base64.b64encode(b"hello\n").decode()}
    failed = {**step, "completed": "2026-12-01T00:52:28Z", "error": "exit code: 1"}
    read = _read(
        {"vertexes": [{"name": step["name"]}]},
        {"vertexes": [step]},
        {"statuses": [{"id": "transferring", "current": 1}]},
        {"logs": [log, {"data": "!"}]},
        {"vertexes": [failed]},
        {"vertexes": [{"name": "[web 1/2] FROM busybox", "started": "2026", "cached": True}]},
    )
    assert [event.get("log") for event in read] == [
        *(None, step["name"], None, "hello", "ERROR: exit code: 1"),
        "[web 1/2] FROM busybox CACHED",
    ]


def test_plain_lines_and_errors_stay() -> None:
    assert EventReader().read(b"Step 1/2\r") == {"log": "Step 1/2"}
    assert _read({"error": True, "message": "no"}) == [{"error": True, "message": "no"}]
