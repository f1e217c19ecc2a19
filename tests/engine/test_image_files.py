"""Images and files on real engines: tag, rmi, save, load, import, export's counterpart."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import DockerMagicsError, EngineError, NotFound, UsageError

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def name() -> Iterator[str]:
    """A name for an image, which is removed in the end."""
    chosen = f"localhost/t-{uuid.uuid4().hex[:8]}:1"
    yield chosen
    docker("rmi -f {name}", name=chosen)


def _names(image: str) -> list[str]:
    tags: list[str] = docker("image inspect {image}", image=image)[0]["RepoTags"]
    return tags


def _tar(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_tag_and_rmi(name: str) -> None:
    assert docker("tag busybox {name}", name=name) is None
    assert name in _names("busybox")
    assert f"Untagged: {name}" in docker("rmi {name}", name=name)
    with pytest.raises(NotFound):
        docker("rmi {name}", name=name)
    assert docker("rmi -f {name}", name=name) == []


def test_several_of_which_one_is_missing(name: str) -> None:
    """What was removed is told all the same."""
    docker("tag busybox {name}", name=name)
    with pytest.raises(NotFound) as raised:
        docker("rmi t-nothing:1 {name}", name=name)
    assert f"Untagged: {name}" in raised.value.result


def test_save_and_load(name: str, tmp_path: Path) -> None:
    docker("tag busybox {name}", name=name)
    file = tmp_path / "image.tar"
    assert docker("save -o {file} {name}", file=file, name=name) is None
    assert file.stat().st_mode & 0o777 == 0o600
    docker("rmi {name}", name=name)
    assert f"Loaded image: {name}" in docker("load -i {file}", file=file)
    assert name in _names("busybox")
    assert f"Loaded image: {name}" in docker("load -q", input=file.read_bytes())


def test_save_leaves_nothing_behind_where_it_fails(tmp_path: Path) -> None:
    kept = tmp_path / "kept.tar"
    kept.write_text("before")
    with pytest.raises(EngineError):
        docker("save -o {file} t-nothing:1", file=kept)
    with pytest.raises(UsageError, match="no such file or directory"):
        docker("save -o {file} busybox", file=tmp_path / "no/where.tar")
    with pytest.raises(UsageError, match="cowardly refusing"):
        docker("save busybox")
    assert [each.name for each in tmp_path.iterdir()] == ["kept.tar"]
    assert kept.read_text() == "before"


def test_load_what_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(DockerMagicsError):
        docker("load", input=b"no archive at all")
    with pytest.raises(UsageError, match="no such file"):
        docker("load -i {file}", file=tmp_path / "nothing")
    with pytest.raises(UsageError, match="stdin is empty"):
        docker("load")


def test_import(name: str, tmp_path: Path) -> None:
    line = "import -c 'CMD [\"x\"]' -c 'ENV A=1' -m hello - {name}"
    identity = docker(line, name=name, input=_tar(greeting="hi"))
    assert identity.startswith("sha256:")
    found = docker("image inspect {name}", name=name)[0]
    assert found["Id"].removeprefix("sha256:") == identity.removeprefix("sha256:")
    assert found["Config"]["Cmd"] == ["x"]
    assert "A=1" in found["Config"]["Env"]
    file = tmp_path / "root.tar"
    file.write_bytes(_tar(greeting="hello"))
    assert docker("import {file} {name}", file=file, name=name) != identity


def test_import_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="no such file"):
        docker("import /no/such/file")
    with pytest.raises(UsageError, match="no standard input"):
        docker("import -")
    with pytest.raises(UsageError, match="must be lowercase"):
        docker("import - UPPER", input=b"")
