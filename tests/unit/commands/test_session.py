"""docker session: labels of requests within and without a session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import Answer, FakeEngine

from docker_magics.errors import UsageError
from docker_magics.session import Session

_OURS = {"docker_magics.session": "lab"}


def ours(kind: str) -> dict[str, str]:
    return {**_OURS, "docker_magics.session.kind": kind}


@pytest.fixture
def session(engine: FakeEngine) -> Session:  # noqa: ARG001
    """A Session after `session start lab`."""
    made = Session()
    assert made.run("session start lab") == "lab"
    return made


def bodies(engine: FakeEngine, path: str) -> list[Any]:
    return [request.body for request in engine.requests if request.path == path]


def test_start_and_stop_send_no_requests(session: Session, engine: FakeEngine) -> None:
    assert session.run("session stop") == "lab"
    assert engine.requests == []
    session.run("create busybox")
    assert not bodies(engine, "/containers/create")[0].get("Labels")


def test_created_objects_are_labelled(session: Session, engine: FakeEngine) -> None:
    session.run("create -l mine=1 busybox")
    session.run("network create n")
    session.run("volume create v")
    assert bodies(engine, "/containers/create")[0]["Labels"] == ours("container") | {"mine": "1"}
    assert bodies(engine, "/networks/create")[0]["Labels"] == ours("network")
    assert bodies(engine, "/volumes/create")[0]["Labels"] == ours("volume")


def test_labels_of_the_command_line_win(session: Session, engine: FakeEngine) -> None:
    session.run("create -l docker_magics.session=other busybox")
    assert bodies(engine, "/containers/create")[0]["Labels"]["docker_magics.session"] == "other"


def test_images_are_labelled(session: Session, engine: FakeEngine, tmp_path: Path) -> None:
    session.run("commit -c 'ENV A=1' web")
    (commit,) = (request for request in engine.requests if request.path == "/commit")
    assert commit.query["changes"] == [
        *(f"LABEL {k}={v}" for k, v in ours("image").items()),
        "ENV A=1",
    ]
    built = Answer(raw=b'{"aux":{"ID":"sha256:0123"}}\n')
    engine.answers.append((r"POST /build", lambda: built))
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    session.run(f"build --builder classic {tmp_path}")
    (build,) = (request for request in engine.requests if request.path == "/build")
    assert json.loads(build.query["labels"][0]) == ours("image")


def test_volumes_of_run_are_created_with_the_label(session: Session, engine: FakeEngine) -> None:
    session.run(
        "create -v data:/d -v /srv:/s -v /anonymous --mount type=volume,src=m,dst=/m busybox"
    )
    made = bodies(engine, "/volumes/create")
    assert [(volume["Name"], volume["Labels"]) for volume in made] == [
        ("data", ours("volume")),
        ("m", ours("volume")),
    ]


def test_all_engines_share_the_session(session: Session, engine: FakeEngine) -> None:
    session.run(f"-H {engine.host} create busybox")
    assert bodies(engine, "/containers/create")[0]["Labels"] == ours("container")


def test_trace_adds_labels(session: Session, engine: FakeEngine) -> None:
    session.run("trace create busybox")
    assert bodies(engine, "/containers/create")[0]["Labels"] == ours("container")


@pytest.mark.parametrize("name", ["a b", "-x", "", "é", "a" * 64, "a/b", "a\nb"])
def test_invalid_names(engine: FakeEngine, name: str) -> None:  # noqa: ARG001
    with pytest.raises(UsageError, match="invalid session name") as caught:
        Session().run_args(["session", "start", "--", name])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["session stop", "session prune -f"])
def test_without_a_session_nothing_is_labelled(engine: FakeEngine, line: str) -> None:
    with pytest.raises(UsageError, match="no session is active"):
        Session().run(line)
    assert engine.requests == []


def test_prune_without_confirmation_sends_no_delete(session: Session, engine: FakeEngine) -> None:
    volume = {"Name": "v", "Driver": "local", "Labels": ours("volume")}
    engine.answers.append((r"GET /volumes", lambda: {"Volumes": [volume]}))
    with pytest.raises(UsageError, match="1 volume: v"):
        session.run("session prune")
    assert [request for request in engine.requests if request.method == "DELETE"] == []
    assert "Deleted Volumes:\nv\n" in session.run("session prune -f")


def test_session_and_session_ls(session: Session) -> None:
    assert list(session.run("session").columns) == list(session.run("session ls").columns)
    assert session.run("session --help").startswith("Usage:  docker session COMMAND")
    assert session.run("session ls --format '{{.Name}}'") == ""
