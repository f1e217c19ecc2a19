"""tag, rmi, save, load and import on real engines."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import DockerMagicsError, EngineError, NotFound, UsageError

pytestmark = pytest.mark.usefixtures("engine")


def _tags(image: str) -> list[str]:
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
    assert name in _tags("busybox")
    assert f"Untagged: {name}" in docker("rmi {name}", name=name)
    with pytest.raises(NotFound):
        docker("rmi {name}", name=name)
    assert docker("rmi -f {name}", name=name) == []


def test_rmi_of_a_missing_image_removes_the_others(name: str) -> None:
    """The error contains the removed images."""
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
    assert name in _tags("busybox")
    assert f"Loaded image: {name}" in docker("load -q", input=file.read_bytes())


def test_a_failed_save_leaves_no_file(tmp_path: Path) -> None:
    kept = tmp_path / "kept.tar"
    kept.write_text("before")
    with pytest.raises(EngineError):
        docker("save -o {file} t-nothing:1", file=kept)
    with pytest.raises(UsageError, match="no such file or directory"):
        docker("save -o {file} busybox", file=tmp_path / "no/where.tar")
    with pytest.raises(UsageError, match="cowardly refusing"):
        docker("save busybox")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.tar"]
    assert kept.read_text() == "before"


def test_load_of_invalid_input(tmp_path: Path) -> None:
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
    image = docker("image inspect {name}", name=name)[0]
    assert image["Id"].removeprefix("sha256:") == identity.removeprefix("sha256:")
    assert image["Config"]["Cmd"] == ["x"]
    assert "A=1" in image["Config"]["Env"]
    file = tmp_path / "root.tar"
    file.write_bytes(_tar(greeting="hello"))
    assert docker("import {file} {name}", file=file, name=name) != identity


def test_import_of_invalid_input() -> None:
    with pytest.raises(UsageError, match="no such file"):
        docker("import /no/such/file")
    with pytest.raises(UsageError, match="no standard input"):
        docker("import -")
    with pytest.raises(UsageError, match="must be lowercase"):
        docker("import - UPPER", input=b"")
