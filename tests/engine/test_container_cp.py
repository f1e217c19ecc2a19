"""docker cp on real engines, in both directions."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import ApiError, UsageError

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def name() -> Iterator[str]:
    """A running container with some files."""
    unique = f"t-{uuid.uuid4().hex[:8]}"
    script = "mkdir -p /d/e; echo f >/d/f; echo g >/d/e/g; ln -s f /d/l; sleep 1000"
    docker("run -d --name {name} busybox sh -c {script}", name=unique, script=script)
    docker("exec {name} sh -c 'until [ -h /d/l ]; do :; done'", name=unique)
    yield unique
    docker("rm -f {name}", name=unique)


def _cp(source: str, target: str, *flags: str) -> object:
    return docker("cp {flags} {source} {target}", flags=list(flags), source=source, target=target)


def test_cp_out_of_a_container(name: str, tmp_path: Path) -> None:
    _cp(f"{name}:/d", f"{tmp_path}/new")
    _cp(f"{name}:/d/f", f"{tmp_path}/file")
    _cp(f"{name}:/d/.", f"{tmp_path}")
    _cp(f"{name}:/d/l", f"{tmp_path}/followed", "-L")
    assert (tmp_path / "new/e/g").read_text() == "g\n"
    assert (tmp_path / "new/l").readlink() == Path("f")
    assert (tmp_path / "file").read_text() == "f\n"
    assert (tmp_path / "e/g").read_text() == "g\n"
    assert (tmp_path / "followed").read_text() == "f\n"
    assert not (tmp_path / "followed").is_symlink()


def test_cp_into_a_container(name: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a").write_text("a\n")
    _cp(f"{tmp_path}/sub", f"{name}:/d")
    _cp(f"{tmp_path}/sub", f"{name}:/renamed")
    _cp(f"{tmp_path}/sub/.", f"{name}:/d")
    _cp(f"{tmp_path}/sub/a", f"{name}:/d/b")
    contents = docker("exec {name} sh -c 'cat /d/sub/a /renamed/a /d/a /d/b'", name=name)
    assert contents.bytes == b"a\n" * 4


def test_cp_with_dash_reads_and_writes_archives(name: str) -> None:
    data = docker("cp {source} -", source=f"{name}:/d/e")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert "e/g" in tar.getnames()
    docker("cp - {target}", target=f"{name}:/tmp", input=bytes(data))
    assert docker("exec {name} cat /tmp/e/g", name=name) == "g"


def test_cp_errors_leave_no_files(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="no such directory"):
        _cp(f"{name}:/d/f", f"{tmp_path}/new/")
    with pytest.raises(UsageError, match="cannot copy directory"):
        _cp(f"{name}:/d", f"{tmp_path}/file")
    with pytest.raises(UsageError, match="no such file"):
        _cp(f"{tmp_path}/nothing", f"{name}:/d")
    with pytest.raises(ApiError):
        _cp(f"{name}:/nothing", f"{tmp_path}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
