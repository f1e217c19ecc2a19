"""docker buildx history, with the answers of dockerd 28.5.2."""

from __future__ import annotations

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.engine.buildkit.grpc_peer import GrpcPeer, recorded

from docker_magics.engine.buildkit.protobuf import Message
from docker_magics.errors import EngineError, UsageError

_UPDATE = "/moby.buildkit.v1.Control/UpdateBuildHistory"


@pytest.fixture
def peer() -> GrpcPeer:
    """The gRPC server of an engine that remembers one build."""
    return GrpcPeer(recorded("containerd") | {_UPDATE: [b""]})


@pytest.fixture
def engine(peer: GrpcPeer) -> StubEngine:
    """The engine."""
    stub = StubEngine({"HIJACK /grpc": peer})
    stub.features.add("buildkit")
    return stub


def test_the_builds_are_listed(engine: StubEngine) -> None:
    listed = run("buildx history ls", engine)
    assert listed.columns.tolist() == ["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"]
    [row] = listed.to_dict("records")
    assert row["STATUS"] == "Completed"
    assert row["DURATION"].endswith("s")
    assert run("buildx history ls --format {{.ID}}", engine).strip() == row["BUILD ID"]


def test_a_builder_has_the_labels_of_its_worker(engine: StubEngine) -> None:
    engine.responses["GET /info"] = {"Architecture": "x86_64"}
    head, _, labels = run("buildx inspect", engine).partition("Labels:\n")
    assert head.splitlines()[-1].startswith("Platforms: ")
    assert " org.mobyproject.buildkit.worker.executor:" in labels


def test_builds_are_removed(engine: StubEngine, peer: GrpcPeer) -> None:
    [ref] = run("buildx history rm --all", engine)
    request = Message(peer.requests[_UPDATE][0])
    assert (request.text(1), request.one(3, 0)) == (ref, 1)
    with pytest.raises(UsageError, match="rm requires at least one argument"):
        run("buildx history rm", engine)


def test_engines_without_a_history() -> None:
    with pytest.raises(UsageError, match="the engine has no BuildKit"):
        run("buildx history ls", StubEngine())
    silent = StubEngine({"HIJACK /grpc": GrpcPeer({})})
    silent.features.add("buildkit")
    with pytest.raises(EngineError, match="cannot use the history of builds: no method"):
        run("buildx history ls", silent)
