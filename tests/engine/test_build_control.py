"""Builds by BuildKit's control API on Docker Engine 23 and newer; both image stores."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.engine.address import Address
from docker_magics.engine.buildkit import control
from docker_magics.engine.client import Engine
from docker_magics.errors import BuildFailed, UsageError

_DOCKERFILE = """
FROM busybox AS build
RUN mkdir -p /out/sub && echo hello > /out/sub/file
FROM scratch
COPY --from=build /out /
"""

_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")


@pytest.fixture(scope="module")
def worker(dockerd: str) -> control.Worker:
    """The worker of Docker Engine's BuildKit."""
    engine = Engine(Address(dockerd))
    if not engine.supports("1.42"):
        engine.close()
        pytest.skip(f"needs Docker Engine 23 (API 1.42), this one has {engine.api_version}")
    [worker] = control.workers(engine)
    engine.close()
    return worker


@pytest.fixture
def buildkit(dockerd: str, worker: control.Worker, monkeypatch: pytest.MonkeyPatch) -> str:
    """Docker Engine, as the one in use."""
    assert worker
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    return dockerd


@pytest.fixture
def containerd(buildkit: str, worker: control.Worker) -> str:
    """Docker Engine with containerd's image store."""
    if not worker.has_containerd_store:
        pytest.skip("needs containerd's image store")
    return buildkit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(_DOCKERFILE)
    return context


def test_metadata_and_several_outputs(
    buildkit: str, folder: Path, tmp_path: Path, name: str
) -> None:
    assert buildkit
    line = "build -t {name} -o type=image -o {out} --metadata-file {file} {folder}"
    file, out = tmp_path / "metadata.json", tmp_path / "out"
    identity = docker(line, name=name, out=out, file=file, folder=folder)
    assert docker("image inspect {name}", name=name)[0]["Id"] == identity
    assert (out / "sub/file").read_text() == "hello\n"
    values = json.loads(file.read_text())
    assert values["image.name"] == name
    assert values["containerimage.digest"] == identity
    provenance = values["buildx.build.provenance"]
    assert provenance.get("buildDefinition", provenance)["buildType"]  # SLSA 1, or 0.2


def test_an_oci_archive(buildkit: str, folder: Path, tmp_path: Path, name: str) -> None:
    assert buildkit
    archive = tmp_path / "a.tar"
    line = "build -t {name} -o type=oci,dest={archive} {folder}"
    docker(line, name=name, archive=archive, folder=folder)
    with tarfile.open(archive) as tar:
        layout = tar.extractfile("oci-layout")
        assert layout
        assert json.loads(layout.read()) == {"imageLayoutVersion": "1.0.0"}


def test_named_contexts(buildkit: str, folder: Path, tmp_path: Path) -> None:
    assert buildkit
    (folder / "Dockerfile").write_text("FROM base\nCOPY --from=files x /\n")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/x").write_text("x")
    contexts = "--build-context base=docker-image://busybox --build-context files={files}"
    line = f"build -o {{out}} {contexts} {{folder}}"
    docker(line, out=tmp_path / "out", files=tmp_path / "files", folder=folder)
    assert (tmp_path / "out/x").read_text() == "x"
    assert (tmp_path / "out/bin/busybox").stat().st_size


def test_an_oci_layout_is_a_context(containerd: str, folder: Path, tmp_path: Path) -> None:
    assert containerd
    archive, layout, out = tmp_path / "a.tar", tmp_path / "layout", tmp_path / "out"
    docker("build -o type=oci,dest={archive} {folder}", archive=archive, folder=folder)
    with tarfile.open(archive) as tar:
        tar.extractall(layout, filter="data")
    (folder / "Dockerfile").write_text("FROM base\nCOPY Dockerfile /\n")
    line = "build -o {out} --build-context base=oci-layout://{layout} {folder}"
    docker(line, out=out, layout=layout, folder=folder)
    assert (out / "sub/file").read_text() == "hello\n"


def test_what_the_frontend_says(buildkit: str, folder: Path) -> None:
    assert buildkit
    assert "no warnings found" in docker("build --check {folder}", folder=folder)
    targets = docker("build --call targets,format=json {folder}", folder=folder)
    assert [target.get("name") for target in json.loads(targets)["targets"]] == ["build", None]
    (folder / "Dockerfile").write_text("FROM busybox as a\n")
    with pytest.raises(BuildFailed, match="FromAsCasing"):
        docker("build --check {folder}", folder=folder)


def test_errors_have_the_line(buildkit: str, folder: Path) -> None:
    assert buildkit
    (folder / "Dockerfile").write_text("FROM busybox\nRUN false\n")
    with pytest.raises(BuildFailed, match="exit code: 1") as caught:
        docker("build --no-cache-filter x {folder}", folder=folder)
    assert caught.value.line == 2
    with pytest.raises(BuildFailed, match='target stage "x" could not be found'):
        docker("build --no-cache-filter x --target x {folder}", folder=folder)


def test_the_classic_store_says_what_it_cannot_do(
    buildkit: str, worker: control.Worker, folder: Path
) -> None:
    assert buildkit
    if worker.has_containerd_store:
        pytest.skip("needs the classic image store")
    for flag in ("--cache-to type=local,dest=x", "--provenance=true"):
        with pytest.raises(UsageError, match="is not supported for the docker driver"):
            docker(f"build {flag} {{folder}}", folder=folder)


def test_a_local_cache(containerd: str, folder: Path, tmp_path: Path) -> None:
    assert containerd
    cache = tmp_path / "cache"
    line = "build --cache-to type=local,mode=max,dest={cache} -o {out} {folder}"
    docker(line, cache=cache, out=tmp_path / "out", folder=folder)
    index = json.loads((cache / "index.json").read_text())
    digest = index["manifests"][0]["digest"].removeprefix("sha256:")
    manifest = json.loads((cache / "blobs/sha256" / digest).read_text())
    for layer in manifest["layers"]:
        assert (cache / "blobs" / layer["digest"].replace(":", "/")).stat().st_size
    docker("builder prune -af")
    line = "build --cache-from type=local,src={cache} --progress plain -o {out} {folder}"
    docker(line, cache=cache, out=tmp_path / "again", folder=folder)
    assert (tmp_path / "again/sub/file").read_text() == "hello\n"


def test_platforms_annotations_and_attestations(
    containerd: str, tmp_path: Path, folder: Path
) -> None:
    assert containerd
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    archive = tmp_path / "a.tar"
    line = (
        "build --platform linux/amd64,linux/arm64 --provenance mode=max --annotation index:a=b"
        " -o type=oci,dest={archive} {folder}"
    )
    docker(line, archive=archive, folder=folder)
    with tarfile.open(archive) as tar:
        names = {member.name: tar.extractfile(member) for member in tar if member.isreg()}
        blobs = {name: file.read() for name, file in names.items() if file}
    digest = json.loads(blobs["index.json"])["manifests"][0]["digest"].replace(":", "/")
    index = json.loads(blobs[f"blobs/{digest}"])
    assert index["annotations"]["a"] == "b"
    platforms = [manifest["platform"]["architecture"] for manifest in index["manifests"]]
    assert sorted(platforms) == ["amd64", "arm64", "unknown", "unknown"]  # with attestations


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_of_standard_input(buildkit: str, folder: Path, tmp_path: Path, mode: str) -> None:
    assert buildkit
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as tar:  # type: ignore[call-overload]
        tar.add(folder / "Dockerfile", "sub/File")
    line = "build --no-cache-filter build -o {out} -f sub/File -"
    docker(line, out=tmp_path / "out", input=content.getvalue())
    assert (tmp_path / "out/sub/file").read_text() == "hello\n"


def test_an_oci_layout(containerd: str, folder: Path, tmp_path: Path) -> None:
    assert containerd
    layout = tmp_path / "layout"
    for tags in ("", "-t one:1 -t two:2", "-t one:1"):
        docker(
            f"build {tags} -o type=oci,tar=false,dest={{layout}} {{folder}}",
            layout=layout,
            folder=folder,
        )
    manifests = json.loads((layout / "index.json").read_text())["manifests"]
    names = [tuple(it["annotations"].get(key) for key in _NAMES) for it in manifests]
    assert names == [
        ("latest", None),
        ("2", "docker.io/library/two:2"),
        ("1", "docker.io/library/one:1"),
    ]
    digest = manifests[0]["digest"].replace(":", "/")
    assert (
        json.loads((layout / "blobs" / digest).read_bytes())["mediaType"]
        == manifests[0]["mediaType"]
    )
