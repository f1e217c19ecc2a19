"""docker buildx imagetools with registries on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.embedded.registry.support import FakeRegistry

from docker_magics.errors import DockerMagicsError, RegistryError, UsageError
from docker_magics.wire.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST


def _imagetools(line: str) -> str:
    return str(run(f"buildx imagetools {line}", StubEngine()))


def _add(registry: FakeRegistry, tag: str, kind: str = DOCKER_MANIFEST) -> str:
    """Add an image whose architecture is the tag."""
    config = registry.add_blob(json.dumps({"os": "linux", "architecture": tag}).encode())
    layer = registry.add_blob(tag.encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": "config", "size": 1, "digest": config},
        "layers": [{"mediaType": "layer", "size": 1, "digest": layer}],
    }
    return registry.add_manifest("t/app", tag, manifest)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    """A registry with images for two architectures."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with FakeRegistry() as fake:
        _add(fake, "amd64")
        _add(fake, "arm64")
        yield fake


def _index(registry: FakeRegistry, repository: str, tag: str) -> dict[str, Any]:
    index: dict[str, Any] = json.loads(registry.manifests[repository, tag][1])
    return index


def test_create_and_inspect(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    dry = _imagetools(f"create --dry-run {app}:amd64 {app}:arm64")
    assert (
        run(f"buildx imagetools create -t {app}:all {app}:amd64 {app}:arm64", StubEngine()) is None
    )
    kind, data = registry.manifests["t/app", "all"]
    assert (kind, f"{data.decode()}\n") == (DOCKER_INDEX, dry)
    entries = _index(registry, "t/app", "all")["manifests"]
    assert [entry["platform"]["architecture"] for entry in entries] == ["amd64", "arm64"]
    assert list(entries[0]) == ["mediaType", "digest", "size", "platform"]
    lines = _imagetools(f"inspect {app}:all").splitlines()
    assert lines[:2] == [f"Name:      {app}:all", f"MediaType: {DOCKER_INDEX}"]
    assert lines[4].strip() == "Manifests:"
    assert lines[5] == f"  Name:      {app}:all@{entries[0]['digest']}"
    assert lines[7] == "  Platform:  linux/amd64"
    assert _imagetools(f"inspect --raw {app}:all") == data.decode()
    one = _imagetools(f"inspect {app}:amd64").splitlines()
    assert [line.split()[0] for line in one] == ["Name:", "MediaType:", "Digest:"]


def test_formats(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    _imagetools(f"create -t {app}:all {app}:amd64 {app}:arm64")
    digest = _imagetools(f"inspect --format {{{{.Manifest.digest}}}} {app}:amd64").strip()
    assert ("t/app", digest) in registry.manifests
    images = json.loads(_imagetools(f"inspect --format '{{{{json .Image}}}}' {app}:all"))
    assert images["linux/arm64"]["architecture"] == "arm64"
    manifest = json.loads(_imagetools(f"inspect --format '{{{{json .Manifest}}}}' {app}:all"))
    assert len(manifest["manifests"]) == 2
    with pytest.raises(UsageError, match="format and raw cannot be used together"):
        _imagetools(f"inspect --raw --format x {app}:all")
    with pytest.raises(RegistryError, match="manifest unknown"):
        _imagetools(f"inspect {app}:none")


def test_sources(registry: FakeRegistry, tmp_path: Path) -> None:
    app = f"{registry.address}/t/app"
    digest = _add(registry, "s390x", OCI_MANIFEST)
    _imagetools(f"create -t {app}:all {app}:amd64")
    _imagetools(f"create --append -t {app}:all {digest}")
    assert len(_index(registry, "t/app", "all")["manifests"]) == 2
    file = tmp_path / "descriptor.json"
    platform = {"os": "linux", "architecture": "riscv64"}
    file.write_text(json.dumps({"digest": digest, "platform": platform}))
    _imagetools(
        f"create -f {file} -t {app}:one --annotation index:a=b"
        " --annotation manifest-descriptor[linux/riscv64]:c=d"
    )
    index = _index(registry, "t/app", "one")
    assert (index["mediaType"], index["annotations"]) == (OCI_INDEX, {"a": "b"})
    assert index["manifests"][0]["platform"] == platform
    assert index["manifests"][0]["annotations"] == {"c": "d"}
    _imagetools(f"create --prefer-index=false -t {app}:copy {app}:amd64")
    assert registry.manifests["t/app", "copy"] == registry.manifests["t/app", "amd64"]


def test_another_registry_gets_what_it_lacks(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    _imagetools(f"create -t {app}:all {app}:amd64 {app}:arm64")
    with FakeRegistry() as other:
        _imagetools(f"create -t {other.address}/copy:1 {app}:all")
        assert other.manifests["copy", "1"] == registry.manifests["t/app", "all"]
        assert set(other.blobs) == set(registry.blobs)
        assert len(_imagetools(f"inspect {other.address}/copy:1").splitlines()) > 8
    registry.mountable = set(registry.blobs)
    blobs, registry.blobs = registry.blobs, {}
    _imagetools(f"create -t {registry.address}/t/other:1 {app}:all")
    assert len(registry.sent("POST", "mount=")) == len(blobs)


def test_a_connection_that_breaks(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    for line in ("inspect --format {{.Image}}", "create --dry-run"):
        registry.cuts = {name: [2] for name in registry.blobs}
        with pytest.raises(RegistryError, match="the connection to the registry broke"):
            _imagetools(f"{line} {app}:amd64")
    registry.cuts = {name: [2] for name in registry.blobs}
    with FakeRegistry() as other, pytest.raises(RegistryError, match="the connection"):
        _imagetools(f"create --prefer-index=false -t {other.address}/copy:1 {app}:amd64")


def test_a_manifest_that_is_too_large(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docker_magics.engine.registry._MAX_JSON", 20)
    with pytest.raises(RegistryError, match="it is too large"):
        _imagetools(f"inspect {registry.address}/t/app:amd64")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("create", "no sources specified"),
        ("create busybox", "can't push with no tags specified, please set --tag or --dry-run"),
        ("create -f none", "cannot read none: no such file"),
        ("create -t a -t b sha256:" + "0" * 64, "cannot infer repository"),
        ("create -t a {}", "valid sources are digests, references and descriptors"),
    ],
)
def test_wrong_lines(line: str, message: str) -> None:
    with pytest.raises(DockerMagicsError, match=message):
        _imagetools(line)


def test_annotations_of_manifests(registry: FakeRegistry) -> None:
    _add(registry, "s390x", OCI_MANIFEST)
    source = f"{registry.address}/t/app:s390x"
    for annotation in ("a=b", "manifest:a=b"):
        with pytest.raises(UsageError, match="annotations are not supported"):
            _imagetools(f"create --dry-run --annotation {annotation} {source}")
