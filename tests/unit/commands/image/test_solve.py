"""Builds by BuildKit's control API: the requests, and what engines cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.engine.buildkit.grpc_peer import ASK, SOLVE, STATUS, GrpcPeer, recorded

from docker_magics.commands.image import _solve
from docker_magics.commands.image._caches import Cache
from docker_magics.commands.image.build import ImageBuild
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit.content import ContentStore
from docker_magics.engine.buildkit.control import Entry, SolveRequest, Worker
from docker_magics.engine.buildkit.grpc import CallError, Status
from docker_magics.engine.buildkit.protobuf import Message
from docker_magics.errors import BuildFailed, UsageError
from docker_magics.results.live import Chain

_GATEWAY = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"
_CLASSIC = Worker({_GATEWAY: "10.0.0.1"}, ["linux/amd64"], "")
_CONTAINERD = Worker({"org.mobyproject.buildkit.worker.snapshotter": "overlayfs"}, [], "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    return tmp_path


@pytest.fixture
def peer() -> GrpcPeer:
    """The gRPC server of an engine with containerd's image store."""
    return GrpcPeer(recorded("containerd"))


@pytest.fixture
def engine(peer: GrpcPeer) -> StubEngine:
    """An engine with BuildKit and containerd's image store."""
    stub = StubEngine({"HIJACK /grpc": peer, "HIJACK /session": b""}, api="1.51")
    stub.features.add("buildkit")
    return stub


def _request(line: str, worker: Worker = _CONTAINERD) -> SolveRequest:
    flags = ImageBuild.parse([*line.split(), "."])
    assert flags is not None
    sources = _solve.Sources(BuildContext(None), "", {"l": "1"})
    results = _solve.exporters(flags, flags.checked_outputs(), worker, {})
    entries = [entry for entry, _ in results]
    return _solve.request_of(flags, sources, worker, entries, "id")


def test_the_settings_of_the_frontend() -> None:
    line = (
        "--target t --no-cache-filter a --no-cache-filter b --platform linux/amd64,linux/arm64"
        " --network host --add-host x:1.2.3.4 --shm-size 1k --ulimit nofile=1:2 --build-arg A=b"
    )
    request = _request(line)
    assert request.attributes == {
        "filename": "Dockerfile",
        "image-resolve-mode": "local",
        "target": "t",
        "no-cache": "a,b",
        "platform": "linux/amd64,linux/arm64",
        "force-network-mode": "host",
        "add-hosts": "x=1.2.3.4",
        "shm-size": "1024",
        "ulimit": "nofile=1:2",
        "build-arg:A": "b",
        "label:l": "1",
        "attest:provenance": "mode=min,inline-only=true",
    }
    assert request.entitlements == ["network.host"]
    assert request.exporters == [Entry("moby", {})]


def test_the_classic_store_has_no_attestations_and_knows_the_gateway() -> None:
    settings = _request("--add-host x:host-gateway --no-cache --pull", _CLASSIC).attributes
    assert settings["add-hosts"] == "x=10.0.0.1"
    assert (settings["no-cache"], settings["image-resolve-mode"]) == ("", "pull")
    assert "attest:provenance" not in settings


def test_attestations_and_annotations() -> None:
    line = "-t x:1 --sbom=true --provenance=false --annotation a=b --annotation index:c=d --push"
    request = _request(line)
    assert request.attributes["attest:sbom"] == "type=sbom"
    assert "attest:provenance" not in request.attributes
    attributes = {"annotation.a": "b", "annotation-index.c": "d", "name": "x:1", "push": "true"}
    assert request.exporters == [Entry("moby", attributes)]
    [entry] = _request(line, _CLASSIC).exporters
    assert "push" not in entry.attributes  # the engine pushes it afterwards


def test_caches(tmp_path: Path) -> None:
    ContentStore(tmp_path).put({"digest": "sha256:1"}, "t")
    line = f"--cache-from me/app --cache-from type=local,src={tmp_path},tag=t"
    request = _request(f"{line} --cache-from type=local,src=nowhere --cache-to type=local,dest=d")
    local = {"src": str(tmp_path), "tag": "t", "digest": "sha256:1"}
    assert request.cache_imports == [Entry("registry", {"ref": "me/app"}), Entry("local", local)]
    assert request.cache_exports == [Entry("local", {"dest": "d"})]
    caches = [Cache("local", {"src": "nowhere"}), Cache("local", local)]
    assert _solve.missing_caches(caches) == ["nowhere"]
    listed = json.loads(request.attributes["cache-imports"])
    assert listed[0] == {"Type": "registry", "Attrs": {"ref": "me/app"}}


def test_named_contexts(tmp_path: Path) -> None:
    ContentStore(tmp_path).put({"digest": "sha256:1"}, "t")
    line = f"--build-context a={tmp_path} --build-context b=docker-image://x"
    settings = _request(f"{line} --build-context c=oci-layout://{tmp_path}").attributes
    assert settings["context:a"] == "local:a"
    assert settings["context:b"] == "docker-image://x"
    assert settings["context:c"] == "oci-layout://c:latest@sha256:1"
    assert settings["frontend.caps"] == "moby.buildkit.frontend.contexts+forward"
    with pytest.raises(UsageError, match="the folder has no such image"):
        _request("--build-context c=oci-layout://nowhere")


@pytest.mark.parametrize(
    ("line", "feature"),
    [
        ("--cache-to type=local,dest=x", "Cache export"),
        ("--provenance=true", "Attestation"),
        ("--platform linux/amd64,linux/arm64", "Multi-platform build"),
        ("-o type=oci,tar=false,dest=x", r"OCI exporter \(tar=false\)"),
    ],
)
def test_what_the_classic_store_cannot_do(line: str, feature: str) -> None:
    flags = ImageBuild.parse([*line.split(), "."])
    assert flags is not None
    with pytest.raises(UsageError, match=f"{feature} is not supported for the docker driver"):
        _solve.check_store(flags, flags.checked_outputs(), _CLASSIC)
    _solve.check_store(flags, flags.checked_outputs(), _CONTAINERD)


def _built(result: Any) -> Any:
    if isinstance(result, Chain):
        return result.rest(_built(result.first))
    for arrival in result.arrivals():
        result.update(arrival)
    return result.result()


def test_a_build_and_its_metadata(folder: Path, engine: StubEngine, peer: GrpcPeer) -> None:
    file = folder / "metadata.json"
    line = f"build -t rec:1 --metadata-file {file} --annotation a=b {folder}"
    identity = _built(run(line, engine))
    values = json.loads(file.read_text())
    assert values["containerimage.digest"] == identity
    assert values["image.name"] == "docker.io/library/rec:1"
    assert values["containerimage.descriptor"]["digest"] == identity
    assert values["buildx.build.provenance"]["invocation"]["environment"]
    assert values["buildx.build.ref"].startswith("default/default/")
    sent = Message(peer.requests[SOLVE][0])
    assert sent.text(1) == values["buildx.build.ref"].rpartition("/")[2]
    assert Message(sent.all(13)[0]).texts(2) == {"annotation.a": "b", "name": "rec:1"}


def test_the_metadata_of_bake(
    folder: Path, engine: StubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("docker-bake.json").write_text('{"target": {"default": {"tags": ["rec:1"]}}}')
    [identity] = _built(run("buildx bake --metadata-file metadata.json", engine))
    values = json.loads(Path("metadata.json").read_text())["default"]
    assert values["containerimage.digest"] == identity
    assert values["buildx.build.ref"].startswith("default/default/")


def test_a_failed_build(folder: Path) -> None:
    answers = recorded("containerd")
    answers |= {SOLVE: CallError(Status.UNKNOWN, "target stage x could not be found")}
    answers |= {STATUS: CallError(Status.NOT_FOUND, "no such job")}
    engine = StubEngine({"HIJACK /grpc": GrpcPeer(answers), "HIJACK /session": b""}, api="1.51")
    engine.features.add("buildkit")
    with pytest.raises(BuildFailed, match="target stage x could not be found"):
        _built(run(f"build --no-cache-filter a {folder}", engine))


def test_a_malformed_answer_is_a_failed_build(folder: Path) -> None:
    answers = recorded("containerd") | {SOLVE: [b"\xff"]}
    engine = StubEngine({"HIJACK /grpc": GrpcPeer(answers), "HIJACK /session": b""}, api="1.51")
    engine.features.add("buildkit")
    with pytest.raises(BuildFailed, match="unexpected end of message"):
        _built(run(f"build --no-cache-filter a {folder}", engine))


def test_findings_of_the_linter(folder: Path, engine: StubEngine, peer: GrpcPeer) -> None:
    with pytest.raises(BuildFailed) as caught:
        run(f"build --check -f {folder}/Dockerfile {folder}", engine)
    text = caught.value.message
    assert text.startswith("Check complete, 4 warnings have been found!\n\nWARNING: FromAsCasing")
    assert f"{folder}/Dockerfile:1\n" in text
    assert "   1 | >>> from busybox AS a\n   2 |     ARG X=1\n" in text
    settings = Message(peer.requests[ASK][0]).texts(3)
    assert settings["requestid"] == "frontend.lint"
    assert settings["frontend.caps"] == "moby.buildkit.frontend.subrequests+forward"


def test_progress_as_json(folder: Path, engine: StubEngine) -> None:
    build = ImageBuild.parse(["--progress", "rawjson", str(folder)])
    assert build is not None
    progress = build.run(engine)
    for arrival in progress.arrivals():
        progress.update(arrival)
    lines = [json.loads(line) for line in progress.text().splitlines()]
    vertex = lines[0]["vertexes"][0]
    assert vertex == {"digest": vertex["digest"], "name": vertex["name"]}
    times = [item["started"] for line in lines for item in line.get("statuses", [])]
    assert times[0].endswith("Z")


def test_engines_that_cannot(folder: Path) -> None:
    old = StubEngine(api="1.41")
    old.features.add("buildkit")
    with pytest.raises(UsageError, match='"--annotation" requires API version'):
        run(f"build --annotation a=b {folder}", old)
    with pytest.raises(UsageError, match="cannot use --annotation: the classic builder"):
        run(f"build --annotation a=b {folder}", StubEngine())
    with pytest.raises(UsageError, match="--output type=oci"):
        run(f"build -o type=oci,dest=x {folder}", StubEngine(api="1.41"))
