"""docker buildx history, with the answers of dockerd 28.5.2."""

from __future__ import annotations

import json
import re

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.engine.buildkit.grpc_peer import HISTORY, READ, WORKERS, GrpcPeer, recorded

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
    with pytest.raises(UsageError, match=r'invalid offset "\^x"'):
        run("buildx history logs ^x", engine)
    with pytest.raises(UsageError, match="expected --progress plain, rawjson, tty, got x"):
        run("buildx history logs --progress x", engine)
    run("buildx history logs default/default/abc", engine)
    assert Message(peer.requests[HISTORY][-1]).text(2) == "abc"


def test_a_build_is_inspected() -> None:
    material = {"uri": "pkg:docker/busybox@latest", "digest": {"sha256": "abc"}}
    predicate = json.dumps({"materials": [material]}).encode()
    answers = recorded("containerd") | {READ: [encode({2: predicate})]}
    engine = StubEngine({"HIJACK /grpc": GrpcPeer(answers)})
    engine.features.add("buildkit")
    shown = run("buildx history inspect", engine)
    head, outcome, *_ = shown.split("\n\n")
    ref = run("buildx history ls --format {{.ID}}", engine).strip()
    assert head == f"Ref:\t\t{ref}\nDockerfile:\tDockerfile"
    assert outcome.splitlines()[-1].startswith("Build Steps:\t")
    materials = "Materials:\nURI\t\t\t\tDIGEST\npkg:docker/busybox@latest\tsha256:abc\n"
    assert materials in shown
    assert shown.endswith(f"\nPrint build logs: docker buildx history logs {ref}\n")
    details = json.loads(run("buildx history inspect --format json", engine))
    assert (details["Ref"], details["Status"]) == (ref, "completed")
    with pytest.raises(UsageError, match="expected --format pretty or json, got x"):
        run("buildx history inspect --format x", engine)


def test_a_failed_build_is_inspected() -> None:
    attributes = {
        "filename": "D",
        "target": "app",
        "no-cache": "",
        "context:base": "docker-image://x",
        "build-arg:A": "1",
        "label:l": "2",
        "platform": "linux/amd64,linux/arm64",
    }
    record = {
        1: "ref",
        3: attributes,
        5: encode({1: 2, 2: "exit code: 3"}),
        6: encode({1: 1_700_000_000}),
        7: encode({1: 1_700_000_061}),
        15: 1,
        16: 4,
        17: 4,
    }
    answers = {HISTORY: [encode({2: encode(record)})]}
    engine = StubEngine({"HIJACK /grpc": GrpcPeer(answers)})
    engine.features.add("buildkit")
    shown = run("buildx history inspect ref", engine)
    started = re.search("Started:\t(.*)\n", shown)
    assert started is not None
    assert shown.replace(started[1], "TIME") == (
        "Name:\t\tD (app)\nDockerfile:\tD\nTarget:\t\tapp\nPlatforms:\tlinux/amd64, linux/arm64\n\n"
        "NAMED CONTEXT\tVALUE\nbase\t\tdocker-image://x\n\n"
        "Started:\tTIME\nDuration:\t1m  1s\nError:\t\tUnknown exit code: 3\n"
        "Build Steps:\t4/4 (25% cached)\n\n"
        "No Cache:\ttrue\n\n"
        "BUILD ARG\tVALUE\nA\t\t1\n\n"
        "LABEL\tVALUE\nl\t2\n\n"
        "Print build logs: docker buildx history logs ref\n"
    )
    details = json.loads(run("buildx history inspect --format json", engine))
    assert details["Error"] == {"Code": 2, "Message": "exit code: 3"}
    assert details["Config"]["NoCache"] is True


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
