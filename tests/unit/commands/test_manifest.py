"""docker manifest with a registry on loopback. Messages and JSON are those of the docker CLI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.commands.stub_engine import StubEngine, run
from unit.embedded.registry.support import PASSWORD, USER, FakeRegistry

from docker_magics.commands.manifest._store import ManifestStore
from docker_magics.engine import auth
from docker_magics.errors import DockerMagicsError, RegistryError
from docker_magics.wire import reference
from docker_magics.wire.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

_CONFIG = "application/vnd.docker.container.image.v1+json"


def _docker(line: str) -> str:
    return str(run(f"manifest {line}", StubEngine()))


def _add(registry: FakeRegistry, repository: str, tag: str, kind: str = DOCKER_MANIFEST) -> str:
    """Add an image whose architecture is the tag."""
    config = {"os": "linux", "architecture": tag, "variant": "v7" if tag == "arm" else ""}
    digest = registry.add_blob(json.dumps(config).encode())
    layer = registry.add_blob(tag.encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": _CONFIG, "size": 1, "digest": digest},
        "layers": [{"mediaType": "layer", "size": 1, "digest": layer}],
    }
    return registry.add_manifest(repository, tag, manifest)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    """A registry with two images, whose user has logged in."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with FakeRegistry() as fake:
        fake.auth = "bearer"
        auth.save(fake.address, {"username": USER, "password": PASSWORD})
        _add(fake, "t/app", "amd64")
        _add(fake, "t/app", "arm")
        yield fake


def test_inspect(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    assert _docker(f"inspect {app}:arm").startswith('{\n\t"schemaVersion": 2,\n\t"mediaType"')
    image = json.loads(_docker(f"inspect -v {app}:arm"))
    assert list(image) == ["Ref", "Descriptor", "Raw", "SchemaV2Manifest"]
    assert image["Descriptor"]["platform"] == {
        "architecture": "arm",
        "os": "linux",
        "variant": "v7",
    }
    _add(registry, "t/app", "oci", OCI_MANIFEST)
    assert "OCIManifest" in json.loads(_docker(f"inspect -v {app}:oci"))
    with pytest.raises(RegistryError, match=rf"^no such manifest: {app}:none$"):
        _docker(f"inspect {app}:none")


def test_a_list_from_its_creation_to_its_removal(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    created = _docker(f"create {app}:list {app}:amd64 {app}:arm")
    assert created == f"Created manifest list {app}:list"
    with pytest.raises(DockerMagicsError, match="refusing to amend"):
        _docker(f"create {app}:list {app}:arm")
    _docker(f"annotate --arch arm64 --variant v8 --os-features a,b {app}:list {app}:arm")
    platform = {
        "architecture": "arm64",
        "os": "linux",
        "os.features": ["a", "b"],
        "variant": "v8",
    }
    local = _docker(f"inspect {app}:list")
    assert json.loads(local)["manifests"][1]["platform"] == platform
    (digest,) = run(f"manifest push --purge {app}:list", StubEngine())
    kind, data = registry.manifests["t/app", "list"]
    assert (kind, data.decode()) == (DOCKER_INDEX, local)
    assert ("t/app", digest) in registry.manifests
    with pytest.raises(DockerMagicsError, match=f"No such manifest: {app}:list"):
        _docker(f"push {app}:list")
    assert _docker(f"inspect {app}:list") == local
    verbose = json.loads(_docker(f"inspect -v {app}:list"))
    assert [image["Descriptor"]["platform"]["architecture"] for image in verbose] == [
        "amd64",
        "arm64",
    ]
    with pytest.raises(RegistryError, match=f"{app}:list is a manifest list"):
        _docker(f"create {app}:two {app}:list")


def test_images_of_another_repository_are_mounted(registry: FakeRegistry) -> None:
    digest = _add(registry, "t/other", "s390x", OCI_MANIFEST)
    app, other = f"{registry.address}/t/app", f"{registry.address}/t/other"
    _docker(f"create {app}:list {other}:s390x")
    with pytest.raises(RegistryError, match="error mounting t/other@"):
        _docker(f"push {app}:list")
    registry.mountable = set(registry.blobs)
    first, _ = run(f"manifest push {app}:list", StubEngine())
    assert first == f"Pushed ref {app}@{digest} with digest: {digest}"
    assert registry.manifests["t/app", digest] == registry.manifests["t/other", digest]
    assert registry.manifests["t/app", "list"][0] == OCI_INDEX


def test_what_is_refused(registry: FakeRegistry) -> None:
    app = f"{registry.address}/t/app"
    _docker(f"create {app}:list {app}:arm")
    with pytest.raises(DockerMagicsError, match="unsupported os/arch combination: /foo"):
        _docker(f"annotate --arch foo {app}:list {app}:arm")
    with pytest.raises(DockerMagicsError, match=f"image {app}:no does not exist in {app}:list"):
        _docker(f"annotate {app}:list {app}:no")
    with pytest.raises(DockerMagicsError, match=r"No such manifest: .*:no"):
        _docker(f"inspect {app}:list {app}:no")
    _docker(f"create other.example.com/x {app}:arm")
    with pytest.raises(RegistryError, match="cannot use source images from a different registry"):
        _docker("push other.example.com/x")
    _docker(f"rm {app}:list other.example.com/x")
    with pytest.raises(DockerMagicsError, match=r"No such manifest: .*:list\nNo such manifest"):
        _docker(f"rm {app}:list {app}:two")
    registry.auth = "basic"
    auth.erase(registry.address)
    with pytest.raises(RegistryError, match="no basic auth credentials"):
        _docker(f"inspect {app}:arm")


def test_a_manifest_without_a_platform(registry: FakeRegistry) -> None:
    registry.add_image("t/app", "odd", [], [], os="", architecture="")
    app = f"{registry.address}/t/app"
    _docker(f"create {app}:list {app}:odd")
    with pytest.raises(RegistryError, match="must have an OS and Architecture"):
        _docker(f"push {app}:list")


def test_a_file_that_is_being_written_is_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    store, target = ManifestStore(), reference.parse("t/list")
    store.save(target, reference.parse("t/app"), {"Ref": "t/app"})
    (folder,) = (tmp_path / "manifests").iterdir()
    (folder / ".docker.io_library_app-latestx1").write_text("{")
    assert store.images(target) == [{"Ref": "t/app"}]
