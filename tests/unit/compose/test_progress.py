"""The progress of a call, drawn from Compose's events."""

from __future__ import annotations

import json

import pytest
from unit.compose.conftest import MakeCall

from docker_magics.compose.failure import ComposeFailed
from docker_magics.compose.progress import ComposeProgress
from docker_magics.errors import Interrupted
from docker_magics.results.show import Silent, consume

_EVENTS = [
    {"level": "warning", "msg": "Found orphan containers"},
    {"id": "Image app-web", "status": "Working", "text": "Building"},
    {"id": "Network app_default", "status": "Done", "text": "Created"},
    {"id": "Image app-web", "status": "Done", "text": "Built"},
    {"id": "Container app-db-1", "status": "Working", "text": "Starting"},
]
_PRINT = f"""
for event in {_EVENTS!r}: print(json.dumps(event), file=sys.stderr, flush=True)
print("Step 1/2 : FROM <b>x</b>\\r", flush=True)
"""


def test_one_line_for_each_object(make_call: MakeCall) -> None:
    progress = ComposeProgress(make_call(_PRINT, "up", "-d"))
    result = consume(progress, Silent())
    assert result.splitlines() == [
        "Step 1/2 : FROM <b>x</b>",
        "! Found orphan containers",
        "✔ Image app-web        Built",
        "✔ Network app_default  Created",
        "… Container app-db-1   Starting",
    ]
    assert "<b>" not in progress.html()
    assert "&lt;b&gt;x&lt;/b&gt;" in progress.html()
    assert result._ipython_display_() is None


def test_compose_is_asked_for_events(make_call: MakeCall) -> None:
    call = make_call("print(sys.argv[1:])", "up", "-d", options=("--file", "a"))
    assert consume(ComposeProgress(call), Silent()) == (
        "['--file', 'a', '--progress', 'json', 'up', '-d']"
    )


def test_a_failure_names_the_line_of_the_cell(make_call: MakeCall) -> None:
    events = [
        {"id": "Container a", "status": "Error", "text": "Error", "details": "no <space>"},
        {"error": True, "message": "validating -: services.web.ports must be a array"},
    ]
    code = f"for event in {events!r}: print(json.dumps(event), file=sys.stderr)\nsys.exit(3)"
    progress = ComposeProgress(make_call(code, "up", body="services:\n  web:\n    ports: 5\n"))
    with pytest.raises(ComposeFailed) as caught:
        consume(progress, Silent())
    assert caught.value.message == "line 4 of the cell: services.web.ports must be a array"
    assert caught.value.exit_code == 3
    assert "no &lt;space&gt;" in progress.html()
    assert progress.text() == "✘ Container a  Error no <space>"


def test_a_failure_without_events(make_call: MakeCall) -> None:
    with pytest.raises(ComposeFailed, match="open x: no such file"):
        consume(ComposeProgress(make_call("sys.exit('open x: no such file')", "up")), Silent())


def test_an_interrupt_reaches_compose(make_call: MakeCall) -> None:
    code = """
try:
    print("ready", flush=True); time.sleep(60)
except KeyboardInterrupt:
    print(json.dumps({"id": "a", "status": "Done", "text": "Stopped"}), file=sys.stderr)
"""
    progress = ComposeProgress(make_call(code, "up"))
    arrivals = progress.arrivals()
    assert next(arrivals) == {"log": "ready"}
    assert progress.interrupt(1) == "asked Compose to stop; interrupt again to hurry it"
    assert json.loads(json.dumps(list(arrivals)))[-1]["text"] == "Stopped"
    with pytest.raises(Interrupted, match="see what still runs: docker compose ps"):
        progress.result()
    progress.close()
