"""Files that commands write: replaced at the end, or unchanged."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from unit.commands.stub_engine import StubEngine
from unit.engine.buildkit.grpc_peer import READ, GrpcPeer, recorded

from docker_magics.cli.terminal import Terminal
from docker_magics.commands._files import replaced
from docker_magics.commands.image._metadata import provenance, write_metadata
from docker_magics.commands.image._outputs import Export, Output
from docker_magics.commands.image.build import ImageBuild
from docker_magics.engine.buildkit.protobuf import encode
from docker_magics.errors import EngineError, UsageError


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_metadata("~/metadata.json", {"a": "b"})
    assert (tmp_path / "metadata.json").read_text() == '{\n  "a": "b"\n}\n'


def test_a_loop_of_links_is_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with (
        pytest.raises(UsageError, match=r"cannot write .*: too many levels of symbolic links"),
        replaced(str(loop)),
    ):
        pass
    assert loop.is_symlink()


def test_a_link_to_a_missing_file_creates_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new")
    with replaced(str(tmp_path / "link")) as file:
        file.write(b"x")
    assert (tmp_path / "new").read_bytes() == b"x"


def test_a_mount_point_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mounted"
    file.write_text("before")

    def busy(_from: Path, _to: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", busy)
    write_metadata(str(file), {})
    assert file.read_text() == "{}\n"
    assert [*tmp_path.iterdir()] == [file]


def test_the_id_of_a_former_build_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "id"
    file.write_text("sha256:1")
    build = ImageBuild.parse(["--iidfile", str(file), str(tmp_path / "missing")])
    assert build is not None
    with pytest.raises(UsageError, match="missing"):
        build.run(StubEngine())
    assert not file.exists()
    file.mkdir()
    with pytest.raises(UsageError, match=r"removing image ID file: remove .*/id: "):
        build.run(StubEngine())


def test_the_draft_of_a_private_file_is_private(tmp_path: Path) -> None:
    file = tmp_path / "id"
    file.write_text("old")
    file.chmod(0o400)
    with replaced(str(file)) as draft:
        [path] = set(tmp_path.iterdir()) - {file}
        assert path.stat().st_mode & 0o777 == 0o600
        draft.write(b"new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o400)


@pytest.mark.parametrize("exists", [False, True])
def test_a_new_folder_that_cannot_be_filled_is_removed(*, exists: bool, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    if exists:
        folder.mkdir()
    export = Export(Output("local", str(folder)), Terminal())
    with export.file:
        export.file.write(b"x" * 1024)  # is not a tar
        with pytest.raises(UsageError, match="unexpected EOF"):
            export.store()
    assert folder.exists() == exists


@pytest.mark.parametrize("blob", [b"{", b"[1]", b"[" * 100_000, b"\xff"])
def test_a_provenance_that_is_not_json_is_one_line(blob: bytes) -> None:
    answers = recorded("containerd") | {READ: [encode({2: blob})]}
    engine = StubEngine({"HIJACK /grpc": GrpcPeer(answers)})
    with pytest.raises(EngineError, match="cannot read the build's provenance"):
        provenance(engine, "ref")
