"""Untrusted archives, unpacked by the embedded engine."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.images import disk_room
from docker_magics.embedded.images import unpack as unpacking
from docker_magics.embedded.images.compression import decompressed
from docker_magics.embedded.images.streams import ahead
from docker_magics.embedded.images.unpack import unpack


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    info.uid, info.gid = os.getuid(), os.getgid()
    for key, value in more.items():
        setattr(info, key, value)
    return info


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_files_folders_and_links_are_restored(tmp_path: Path) -> None:
    size = unpack(
        io.BytesIO(
            tar(
                (member("d", tarfile.DIRTYPE, mode=0o500, mtime=7), b""),
                (member("d/f", mode=0o640, mtime=9), b"text"),
                (member("d/soft", tarfile.SYMTYPE, linkname="/etc"), b""),
                (member("hard", tarfile.LNKTYPE, linkname="d/f"), b""),
            )
        ),
        tmp_path,
    )
    assert size == len("text") + len("/etc")
    assert (tmp_path / "hard").samefile(tmp_path / "d/f")
    assert (tmp_path / "d/soft").readlink() == Path("/etc")
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) & 0o077 == 0
    assert [(tmp_path / name).stat().st_mtime for name in ("d", "d/f")] == [7, 9]


def test_later_members_replace_earlier_ones(tmp_path: Path) -> None:
    archive = tar(
        (member("x"), b"file"),
        (member("x", tarfile.DIRTYPE), b""),
        (member("x/in"), b""),
        (member("y", tarfile.DIRTYPE), b""),
        (member("y"), b"first"),
        (member("y"), b"last"),
    )
    unpack(io.BytesIO(archive), tmp_path)
    assert (tmp_path / "x/in").is_file()
    assert (tmp_path / "y").read_text() == "last"
    with pytest.raises(BadParameter, match="cannot overwrite"):
        unpack(io.BytesIO(archive), tmp_path, keep_kinds=True)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: tar((member("../out"), b"x")),
        lambda: tar((member("a/../../out"), b"x")),
        lambda: tar((member("out", tarfile.LNKTYPE, linkname="../../etc/passwd"), b"")),
        lambda: tar((member("out", tarfile.LNKTYPE, linkname="nowhere"), b"")),
        lambda: tar(
            (member("d", tarfile.DIRTYPE), b""), (member("out", tarfile.LNKTYPE, linkname="d"), b"")
        ),
        lambda: b"no archive at all",
        lambda: tar((member("x"), b"x" * 2000))[:1500],
    ],
)  # fmt: skip
def test_escaping_and_damaged_members_are_errors(tmp_path: Path, bad: Callable[[], bytes]) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(BadParameter):
        unpack(io.BytesIO(bad()), inside)
    assert not (tmp_path / "out").exists()


def test_links_are_resolved_inside_the_folder(tmp_path: Path) -> None:
    """The folder is the root of absolute links and of `..`, like in a container."""
    inside = tmp_path / "inside"
    (inside / "etc").mkdir(parents=True)
    for target in ("/etc", "../../../etc"):
        archive = tar((member("l", tarfile.SYMTYPE, linkname=target), b""), (member("l/f"), b"x"))
        unpack(io.BytesIO(archive), inside)
        (inside / "etc/f").unlink()
    assert list(tmp_path.iterdir()) == [inside]


def test_devices_are_skipped_and_attributes_filtered(tmp_path: Path) -> None:
    pax = {"SCHILY.xattr.user.kept": "1", "SCHILY.xattr.user.overlay.opaque": "y"}
    unpack(
        io.BytesIO(
            tar(
                (member("null", tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
                (member("f", pax_headers=pax), b""),
            )
        ),
        tmp_path,
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]
    assert "user.overlay.opaque" not in os.listxattr(tmp_path / "f")


@pytest.mark.parametrize("mtime", [-1, -(2**40), 2**40])
def test_times_out_of_range_are_zero(tmp_path: Path, mtime: int) -> None:
    headers = {"mtime": str(mtime)}
    unpack(io.BytesIO(tar((member("f", pax_headers=headers), b""))), tmp_path)
    assert (tmp_path / "f").stat().st_mtime_ns == 0


def test_mount_points_and_folders_above_them_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    for name in ("a", "a/b"):
        archive = io.BytesIO(tar((member(name), b"x")))
        with pytest.raises(ApiError, match=f"RemoveAll {name}: device or resource busy"):
            unpack(archive, tmp_path, busy={"/a/b"})
    unpack(io.BytesIO(tar((member("a", tarfile.DIRTYPE), b""))), tmp_path, busy={"/a/b"})
    assert (tmp_path / "a/b").is_dir()


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of a header's size, of the number of members, and of free disk space."""
    name = member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=1 << 40)
    with pytest.raises(BadParameter, match="header field too long"):
        unpack(io.BytesIO(name.tobuf(tarfile.GNU_FORMAT) + bytes(1024)), tmp_path)
    monkeypatch.setattr(unpacking, "_MAX_ENTRIES", 3)
    with pytest.raises(BadParameter, match="more than 3 entries"):
        unpack(io.BytesIO(tar(*((member(str(n)), b"") for n in range(4)))), tmp_path)
    monkeypatch.setattr(disk_room, "RESERVE", 1 << 62)
    with pytest.raises(ApiError, match="no space left on device"):
        unpack(io.BytesIO(tar((member("x"), b""))), tmp_path)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the host."""
    path = tmp_path / "victim"
    path.write_text("of the host")
    path.chmod(0o600)
    os.utime(path, (1, 1))
    return path


@pytest.mark.parametrize(
    ("call", "made"),
    [
        ("mkfifo", member("x", tarfile.FIFOTYPE, mode=0o4777, mtime=5)),
        ("symlink", member("x", tarfile.SYMTYPE, linkname="/", mtime=5)),
        ("link", member("x", tarfile.LNKTYPE, linkname="first")),
        ("mkdir", member("x", tarfile.DIRTYPE, mode=0o4777, mtime=5)),
    ],
)
@pytest.mark.parametrize("swap_in", [True, False])
def test_what_a_container_swaps_in_is_not_changed(
    monkeypatch: pytest.MonkeyPatch,
    victim: Path,
    call: str,
    made: tarfile.TarInfo,
    *,
    swap_in: bool,
) -> None:
    """The moment after a file is made, a container replaces it by a link to a file of the host."""
    inside = victim.parent / "inside"
    inside.mkdir()
    original, symlink = getattr(os, call), os.symlink

    def swapped(*args: Any, **options: Any) -> None:
        original(*args, **options)
        (inside / "x").rename(inside.parent / "moved")
        if swap_in:
            symlink(victim, inside / "x")

    monkeypatch.setattr(os, call, swapped)
    archive = io.BytesIO(tar((member("first"), b"1"), (made, b"")))
    if call == "mkdir" and not swap_in:
        with pytest.raises(BadParameter):
            unpack(archive, inside)
    else:
        unpack(archive, inside)
    status = victim.stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o600, 1)
    assert victim.read_text() == "of the host"


def test_a_folder_that_a_container_swaps_in_keeps_its_mode(tmp_path: Path) -> None:
    class Swapping(io.BytesIO):
        """Swaps the folder of the first member while the second is read."""

        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() and not (tmp_path / "moved").exists():
                (tmp_path / "in/d").rename(tmp_path / "moved")
                (tmp_path / "in/d").mkdir(mode=0o700)
            return super().read(min(size or 0, 512))

    (tmp_path / "in").mkdir()
    archive = tar((member("d", tarfile.DIRTYPE, mode=0o4777), b""), (member("f"), b"x" * 2000))
    unpack(Swapping(archive), tmp_path / "in")
    assert stat.S_IMODE((tmp_path / "in/d").stat().st_mode) == 0o700


def test_hard_links_to_links_and_fifos(tmp_path: Path) -> None:
    unpack(
        io.BytesIO(
            tar(
                (member("soft", tarfile.SYMTYPE, linkname="/nowhere"), b""),
                (member("fifo", tarfile.FIFOTYPE, mode=0o640, mtime=7), b""),
                (member("soft2", tarfile.LNKTYPE, linkname="soft"), b""),
                (member("fifo2", tarfile.LNKTYPE, linkname="fifo"), b""),
            )
        ),
        tmp_path,
    )
    assert (tmp_path / "soft2").readlink() == Path("/nowhere")
    for name in ("soft", "fifo"):
        inodes = {(tmp_path / path).lstat().st_ino for path in (name, f"{name}2")}
        assert len(inodes) == 1
    status = (tmp_path / "fifo2").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o640, 7)
    (tmp_path / "d").mkdir()
    unpack(
        io.BytesIO(
            tar(
                (member("d", tarfile.DIRTYPE), b""),
            )
        ),
        tmp_path,
    )


def test_unknown_types_are_errors(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="unhandled tar header type 86"):
        unpack(io.BytesIO(tar((member("label", b"V"), b""))), tmp_path)


def test_folders_need_no_memory(tmp_path: Path) -> None:
    """Their modes and times are set last, and are kept on disk until then."""
    count = 2500

    class Folders:
        """An archive of folders with long paths."""

        def __init__(self) -> None:
            self.number = 0

        def read(self, _size: int, /) -> bytes:
            self.number += 1
            if self.number > count:
                return b""
            info = member(f"{'l' * 200}/{self.number % 3}", tarfile.DIRTYPE, mode=0o711, mtime=7)
            info.pax_headers = {"SCHILY.xattr.user.a": "a" * 500}
            return info.tobuf(tarfile.PAX_FORMAT)

    tracemalloc.start()
    try:
        unpack(Folders(), tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
    status = (tmp_path / f"{'l' * 200}/2").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o711, 7)


def test_a_read_ahead_stream_is_unchanged_and_closes_with_its_reader() -> None:
    data = os.urandom(3 << 20)
    with ahead(decompressed(io.BytesIO(gzip.compress(data, 1)))) as source:
        assert b"".join(iter(lambda: source.read(1000), b"")) == data
    with ahead(decompressed(io.BytesIO(gzip.compress(data, 1)))) as source:
        assert source.read(10) == data[:10]
    with (
        ahead(decompressed(io.BytesIO(gzip.compress(data, 1)[:-9]))) as source,
        pytest.raises(BadParameter, match="unexpected end of a gzip stream"),
    ):
        source.read(2 * len(data))
