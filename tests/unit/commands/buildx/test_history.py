"""docker buildx history, with the answers of dockerd 28.5.2."""

from __future__ import annotations

import json

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.engine.buildkit.grpc_peer import HISTORY, WORKERS, GrpcPeer, recorded

from docker_magics.engine.buildkit.protobuf import Message, encode
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


def test_the_rules_of_garbage_collection_are_those_of_buildx() -> None:
    gib = 1 << 30
    rules = [
        {2: 48 * 3600 * 10**9, 4: ["type==source.local", "type==exec.cachemount"], 5: 3 * gib},
        {1: 1, 3: 26 * gib // 10, 6: 47 * gib},
    ]
    worker = encode({3: [encode({1: "amd64", 2: "linux"})], 4: [encode(rule) for rule in rules]})
    engine = StubEngine({"HIJACK /grpc": GrpcPeer({WORKERS: [encode({1: [worker]})]})})
    engine.features.add("buildkit")
    engine.responses["GET /info"] = {"Architecture": "x86_64", "ServerVersion": "28.5.2"}
    assert run("buildx inspect", engine).partition("Nodes:\n")[2] == (
        "Name:             default\n"
        f"Endpoint:         {engine.address.host}\n"
        "Status:           running\n"
        "BuildKit version: docker 28.5.2\n"
        "Platforms:        linux/amd64\n"
        "GC Policy rule#0:\n"
        " All:            false\n"
        " Filters:        type==source.local type==exec.cachemount\n"
        " Keep Duration:  48h0m0s\n"
        " Max Used Space: 3GiB\n"
        "GC Policy rule#1:\n"
        " All:            true\n"
        " Reserved Space: 2.6GiB\n"
        " Min Free Space: 47GiB\n"
    )


def test_the_log_of_a_build(engine: StubEngine, peer: GrpcPeer) -> None:
    log = run("buildx history logs", engine)
    assert log.startswith("#1 [internal] load build definition from Dockerfile\n#1 transferring ")
    assert "\n#1 DONE 0.2s\n\n#2 " in log
    lines = run("buildx history logs --progress rawjson", engine).splitlines()
    assert json.loads(lines[0])["vertexes"]
    with pytest.raises(UsageError, match="no completed build found with offset 4"):
        run("buildx history logs ^5", engine)
    with pytest.raises(UsageError, match='invalid offset "x"'):
        run("buildx history logs ^x", engine)
    with pytest.raises(UsageError, match="expected --progress plain, rawjson, tty, got x"):
        run("buildx history logs --progress x", engine)
    run("buildx history logs default/default/abc", engine)
    assert Message(peer.requests[HISTORY][-1]).text(2) == "abc"


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
