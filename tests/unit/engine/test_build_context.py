"""Build contexts: tar streams of the files that .dockerignore does not exclude."""

from __future__ import annotations

import gzip
import io
import os
import socket
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from docker_magics.engine.build_context import BuildContext, compressed
from docker_magics.errors import UsageError


def unpacked(context: BuildContext) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(context.pieces()))) as archive:
        return {member.name: member for member in archive}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.txt").write_text("hello")
    (tmp_path / "sub/a.txt").chmod(0o755)
    (tmp_path / "no.log").write_text("x")
    (tmp_path / "link").symlink_to("sub/a.txt")
    return tmp_path


def test_a_context_contains_files_folders_and_links(folder: Path) -> None:
    members = unpacked(BuildContext(folder))
    assert set(members) == {"Dockerfile", "sub", "sub/a.txt", "no.log", "link"}
    assert members["sub/a.txt"].mode == 0o755
    assert (members["sub/a.txt"].uid, members["sub/a.txt"].uname) == (0, "")
    assert members["link"].linkname == "sub/a.txt"


def test_dockerignore(folder: Path) -> None:
    (folder / ".dockerignore").write_text("# logs\n*.log\nsub\n!sub/a.txt\n")
    members = set(unpacked(BuildContext(folder)))
    assert "no.log" not in members
    assert {"Dockerfile", "sub/a.txt"} <= members


def test_the_dockerfile_s_ignore_file_takes_precedence(folder: Path) -> None:
    (folder / ".dockerignore").write_text("*.log\n")
    (folder / "Dockerfile.dockerignore").write_text("sub\n")
    members = set(unpacked(BuildContext(folder)))
    assert "no.log" in members
    assert "sub/a.txt" not in members


def test_added_files_replace_files_of_the_folder(folder: Path) -> None:
    context = BuildContext(folder, "mine", {"mine": b"FROM x\n", "no.log": b"other"})
    with tarfile.open(fileobj=io.BytesIO(b"".join(context.pieces()))) as archive:
        names = archive.getnames()
        assert names.count("no.log") == 1
        member = archive.extractfile("no.log")
        assert member is not None
        assert member.read() == b"other"


def test_without_a_folder() -> None:
    members = unpacked(BuildContext(None, added={"Dockerfile": b"FROM x"}))
    assert list(members) == ["Dockerfile"]


def test_long_names_and_compression(folder: Path) -> None:
    deep = folder / ("d" * 120) / ("한글" * 30)
    deep.parent.mkdir()
    deep.write_text("x")
    plain = b"".join(BuildContext(folder).pieces())
    assert gzip.decompress(b"".join(compressed(BuildContext(folder).pieces()))) == plain
    assert f"{'d' * 120}/{'한글' * 30}" in unpacked(BuildContext(folder))


def test_sockets_are_skipped_and_pipes_are_errors(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind("s")
        assert "s" not in unpacked(BuildContext(folder))
    os.mkfifo(folder / "pipe")
    with pytest.raises(UsageError, match="cannot send pipe: not a regular file"):
        unpacked(BuildContext(folder))


def test_a_file_that_changes_while_it_is_sent_is_an_error(folder: Path) -> None:
    big = folder / "big"
    big.write_bytes(b"x" * 3_000_000)
    pieces = BuildContext(folder).pieces()
    while len(next(pieces)) < 1_000_000:
        pass
    big.write_bytes(b"x")
    with pytest.raises(UsageError, match="cannot send big: the file changed while it was read"):
        list(pieces)
