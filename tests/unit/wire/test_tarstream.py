"""Streamed tar archives, read by tarfile."""

from __future__ import annotations

import io
import os
import socket
import tarfile
from pathlib import Path

import pytest

from docker_magics.wire import tarstream


def _members(*pieces: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        return {member.name: member for member in archive}


def test_an_archive_of_files_in_memory() -> None:
    pieces = [
        *tarstream.member(tarfile.TarInfo("empty"), b""),
        *tarstream.member(tarfile.TarInfo("block"), b"x" * 512),
        *tarstream.member(tarfile.TarInfo("more"), b"x" * 513),
        tarstream.END,
    ]
    data = b"".join(pieces)
    assert len(data) == 512 * (1 + 2 + 3 + 2)
    assert {name: member.size for name, member in _members(data).items()} == {
        "empty": 0,
        "block": 512,
        "more": 513,
    }


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1 << 20, (1 << 20) + 1])
def test_content_is_padded_to_blocks(size: int) -> None:
    data = b"x" * size
    pieces = list(tarstream.content(io.BytesIO(data), size))
    assert b"".join(pieces) == data + bytes(-size % 512)
    assert all(pieces)  # an empty piece would end a chunked body


def test_content_has_the_size_that_its_header_says() -> None:
    assert b"".join(tarstream.content(io.BytesIO(b"grown since"), 5)) == b"grown" + bytes(507)
    assert b"".join(tarstream.content(io.BytesIO(b"cut"), 5)) == b"cut" + bytes(509)


def test_headers_of_files(tmp_path: Path) -> None:
    file, folder, link, fifo = (tmp_path / name for name in ("file", "folder", "link", "fifo"))
    file.write_bytes(b"12345")
    file.chmod(0o4750)
    os.utime(file, (5, 1_700_000_000.9))
    folder.mkdir(mode=0o700)
    link.symlink_to("file")
    os.mkfifo(fifo)
    infos = {
        path.name: tarstream.info_of(path.name, path.lstat()) for path in (file, folder, link, fifo)
    }
    of_file = infos["file"]
    assert of_file is not None
    assert (of_file.type, of_file.size, of_file.mode) == (tarfile.REGTYPE, 5, 0o4750)
    assert (of_file.uid, of_file.gid) == (os.geteuid(), file.lstat().st_gid)
    assert of_file.mtime == 1_700_000_000
    types = {name: info.type for name, info in infos.items() if info is not None}
    assert types == {
        "file": tarfile.REGTYPE,
        "folder": tarfile.DIRTYPE,
        "link": tarfile.SYMTYPE,
        "fifo": tarfile.FIFOTYPE,
    }
    assert all(info.size == 0 for name, info in infos.items() if info and name != "file")


def test_a_device_keeps_its_numbers() -> None:
    info = tarstream.info_of("null", os.stat("/dev/null"))  # noqa: PTH116 - nothing but its status
    assert info is not None
    assert (info.type, info.devmajor, info.devminor) == (tarfile.CHRTYPE, 1, 3)


def test_a_socket_has_no_header(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        assert tarstream.info_of("s", (tmp_path / "s").lstat()) is None


def test_a_hard_link_has_no_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    info = tarstream.info_of("second", (tmp_path / "file").lstat())
    assert info is not None
    tarstream.make_hard_link(info, "first")
    member = _members(tarstream.header(info), tarstream.END)["second"]
    assert (member.islnk(), member.linkname, member.size) == (True, "first", 0)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_keep_their_bytes(form: tarstream.Format) -> None:
    name = "é" * 200 + os.fsdecode(b"/\xff")
    assert list(_members(tarstream.header(tarfile.TarInfo(name), form), tarstream.END)) == [name]
