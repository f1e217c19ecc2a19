"""The context store: compatible with the CLI, private, and safe from malicious archives."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from unit.commands.stub_engine import Notes, StubEngine, run

from docker_magics import docker
from docker_magics.engine.context import ContextStore
from docker_magics.engine.context_archive import export_archive, import_archive
from docker_magics.errors import DockerMagicsError, UsageError


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContextStore:
    """A private configuration folder; the environment selects no engine."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_MAGICS_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    return ContextStore()


def test_create_use_update_rm(store: ContextStore) -> None:
    assert docker("context create dev --docker host=tcp://h:1 --description 'my dev'") == "dev"
    assert docker("context use dev") == "dev"
    assert docker("context show") == "dev"
    assert docker("context inspect -f {{.Endpoints.docker.Host}}") == "tcp://h:1"
    docker("context update dev --docker host=tcp://h:2")
    assert store.address("dev").host == "tcp://h:2"
    assert docker("context ls -q") == ["default", "dev", "embedded"]
    listed = docker("context ls").set_index("NAME")
    assert listed.loc["dev", "DESCRIPTION"] == "my dev"
    with pytest.raises(UsageError, match="is in use, set -f"):
        docker("context rm dev")
    assert docker("context rm -f dev") == ["dev"]
    assert docker("context show") == "default"
    assert docker("context ls -q") == ["default", "embedded"]


@pytest.mark.usefixtures("store")
def test_ls_warns_that_docker_host_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Notes()
    run("context ls -q", StubEngine(), terminal)
    assert terminal.messages == []
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    run("context ls -q", StubEngine(), terminal)
    assert "DOCKER_HOST environment variable overrides the active context" in terminal.messages[0]


def test_files_are_private_to_the_owner(store: ContextStore, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret")
    docker(f"context create dev --docker host=tcp://h,key={tmp_path}/key")
    docker("context use dev")
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"config.json", "meta.json", "key.pem"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = [path for path in store.folder.rglob("*") if path.is_dir()]
    assert all(not path.stat().st_mode & 0o022 for path in folders)


def test_export_and_import(store: ContextStore, tmp_path: Path) -> None:
    docker("context create dev --docker host=tcp://h:1")
    docker(f"context export dev {tmp_path}/dev.tar")
    with pytest.raises(UsageError, match="file exists"):
        docker(f"context export dev {tmp_path}/dev.tar")
    assert docker(f"context import copy {tmp_path}/dev.tar") == "copy"
    assert store.address("copy").host == "tcp://h:1"


def test_a_malicious_archive_writes_no_other_files(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("../../evil", "tls/docker/../../evil", "tls/other/ca.pem", "meta.json"):
            data = b'{"Name": "x", "Endpoints": {}}'
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("tls/docker/key.pem")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    metadata, keys = import_archive(buffer.getvalue())
    assert metadata["Name"] == "x"
    assert keys == {}
    assert list(tmp_path.iterdir()) == []


def test_zip_archives_and_invalid_input() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("meta.json", json.dumps({"Name": "z"}))
    assert import_archive(buffer.getvalue())[0] == {"Name": "z"}
    assert import_archive(export_archive({"Name": "t"}, {"ca.pem": b"x"}))[1] == {"ca.pem": b"x"}
    for garbage in (b"", b"garbage", export_archive({}, {})[:100]):
        with pytest.raises(UsageError):
            import_archive(garbage)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("context use nope", 'context "nope": context not found'),
        ("context create default", "reserved"),
        ("context create x", "is invalid"),
        ("context create ../up --docker host=tcp://h", "is invalid"),
        ("context create dev --docker what=1", "unrecognized config key: what"),
        ("context create dev --docker host=h:1", "unable to parse docker host"),
        ("context create dev --docker host=tcp://h,ca=/nope", "open /nope: no such file"),
        ("context rm default", "cannot be removed"),
        ("context import dev /nope", "open /nope: no such file"),
        ("context export nope", "context not found"),
    ],
)
def test_errors(store: ContextStore, line: str, message: str) -> None:
    with pytest.raises(DockerMagicsError, match=message):
        docker(line)
    assert not store.folder.exists()
