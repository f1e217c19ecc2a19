"""BuildKit's control API, with the answers of dockerd 28.5.2."""

from __future__ import annotations

import json

import pytest
from unit.commands.stub_engine import StubEngine
from unit.engine.buildkit.grpc_peer import (
    ASK,
    HISTORY,
    READ,
    SOLVE,
    STATUS,
    GrpcPeer,
    recorded,
)  # fmt: skip

from docker_magics.engine.buildkit import control, trace
from docker_magics.engine.buildkit.grpc import CallError, Status
from docker_magics.engine.buildkit.protobuf import Message, encode


@pytest.fixture
def peer() -> GrpcPeer:
    """The gRPC server of an engine with containerd's image store."""
    return GrpcPeer(recorded("containerd"))


@pytest.fixture
def engine(peer: GrpcPeer) -> StubEngine:
    """The engine."""
    return StubEngine({"HIJACK /grpc": peer})


def test_the_workers_say_which_image_store_the_engine_has(engine: StubEngine) -> None:
    [worker] = control.workers(engine)
    assert worker.has_containerd_store
    assert worker.platforms[:2] == ["linux/amd64", "linux/amd64/v2"]
    [worker] = control.workers(StubEngine({"HIJACK /grpc": GrpcPeer(recorded("classic"))}))
    assert not worker.has_containerd_store
    assert worker.version == "v0.0.0+unknown-moby"


def test_a_build(engine: StubEngine, peer: GrpcPeer) -> None:
    entries = [control.Entry("moby", {"name": "me/app:1"})]
    cache = [control.Entry("local", {"dest": "/c"})]
    request = control.SolveRequest("ref", "id", {"target": "a"}, entries, cache, [], ["x"])
    response = control.solved(control.solve(engine, request))
    assert response["image.name"] == "docker.io/library/rec:1"
    sent = Message(peer.requests[SOLVE][0])
    assert (sent.text(1), sent.text(5), sent.text(6)) == ("ref", "id", "dockerfile.v0")
    assert (sent.texts(7), sent.all(9)) == ({"target": "a"}, [b"x"])
    assert sent.text(3) == "moby"
    exporter = Message(sent.all(13)[0])
    assert (exporter.text(1), exporter.texts(2)) == ("moby", {"name": "me/app:1"})
    destination = Message(Message(sent.one(8, b"")).all(4)[0])
    assert (destination.text(1), destination.texts(2)) == ("local", {"dest": "/c"})


def test_the_progress(engine: StubEngine, peer: GrpcPeer) -> None:
    messages = list(control.status(engine, "ref"))
    assert Message(peer.requests[STATUS][0]).text(1) == "ref"
    names = {vertex.name for message in messages for vertex in trace.parse(message).vertexes}
    assert {"exporting to image", "[1/1] COPY Dockerfile /"} <= names


def test_a_failed_call_has_the_servers_reason() -> None:
    failure = CallError(Status.NOT_FOUND, "no such job: 100 %")
    engine = StubEngine({"HIJACK /grpc": GrpcPeer({STATUS: failure})})
    with pytest.raises(CallError, match="no such job: 100 %") as caught:
        list(control.status(engine, "x"))
    assert caught.value.status == Status.NOT_FOUND
    with pytest.raises(CallError, match="no method"):
        control.workers(engine)
    with pytest.raises(CallError, match="the engine closed the connection"):
        control.workers(StubEngine({"HIJACK /grpc": b""}))


def test_the_history_and_the_provenance(engine: StubEngine, peer: GrpcPeer) -> None:
    [record] = control.history(engine, "ref")
    assert Message(peer.requests[HISTORY][0]).text(2) == "ref"
    assert record.attributes["filename"] == "Dockerfile"
    assert (record.error, record.total_steps, record.completed_steps) == ("", 5, 5)
    assert record.completed is not None
    assert record.completed > record.created
    digest = Message(record.results[""].all(2)[0]).text(2)
    predicate = json.loads(control.read_blob(engine, digest))
    assert predicate["invocation"]["parameters"]["frontend"] == "dockerfile.v0"
    assert Message(peer.requests[READ][0]).text(1) == digest


def test_the_frontend_answers(engine: StubEngine, peer: GrpcPeer) -> None:
    request = control.SolveRequest("ref", "id", {"requestid": "frontend.lint"})
    answer = control.ask_frontend(engine, request)
    rules = {warning["ruleName"] for warning in json.loads(answer["result.json"])["warnings"]}
    assert rules == {"ConsistentInstructionCasing", "FromAsCasing", "StageNameCasing"}
    assert answer["result.statuscode"] == "1"
    assert peer.metadata[ASK]["buildkit-controlapi-buildid"] == ["ref"]
    assert Message(peer.requests[SOLVE][0]).one(11, 0) == 1  # not recorded in the history


def test_a_map_is_encoded_as_entries() -> None:
    message = Message(encode({1: {"a": "1", "b": ""}, 2: ["x", "y"], 3: "ü"}))
    assert message.texts(1) == {"a": "1", "b": ""}
    assert message.all(2) == [b"x", b"y"]
    assert message.text(3) == "ü"
