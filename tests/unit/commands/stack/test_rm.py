"""docker stack rm: objects that cannot be removed, stacks that do not exist, waiting."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics.errors import EngineError, Interrupted

_SERVICE = {"ID": "s1", "Spec": {"Name": "demo_web"}}
_NETWORK = {"Id": "n1", "Name": "demo_default"}


def _engine(**responses: Any) -> StubEngine:
    return StubEngine(
        {
            "GET /services": [_SERVICE],
            "GET /networks": [_NETWORK],
            "GET /secrets": [],
            "GET /configs": [],
            "DELETE /services/s1": {},
            "DELETE /networks/n1": {},
            **responses,
        }
    )


def test_an_object_that_cannot_be_removed() -> None:
    notes = Notes()
    engine = _engine(**{"DELETE /services/s1": (500, "in trouble")})
    with pytest.raises(
        EngineError, match=r"^failed to remove some resources from stack: demo$"
    ) as e:
        run("stack rm demo", engine, notes)
    assert e.value.result == ["Removing service demo_web", "Removing network demo_default"]
    assert notes.messages == ["Failed to remove service s1: Error response from daemon: in trouble"]


def test_a_stack_that_does_not_exist() -> None:
    notes = Notes()
    engine = _engine(**{"GET /services": [], "GET /networks": []})
    assert run("stack rm demo", engine, notes) == []
    assert notes.messages == ["Nothing found in stack: demo"]


def test_waiting_for_the_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [[{"Status": {"State": state}}] for state in ("running", "shutdown")]
    engine = _engine(**{"GET /tasks": ["in turn", *states]})
    run("stack rm --detach=false demo", engine)
    assert engine.keys.count("GET /tasks") == 2

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    with pytest.raises(Interrupted, match="The removal of demo continues in the background"):
        run("stack rm --detach=false demo", _engine(**{"GET /tasks": states[0]}))
