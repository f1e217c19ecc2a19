"""Archives as strangers write them, and as tarfile and GNU tar do."""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from docker_magics.wire.tarreader import TarError, TarReader

MIB = 1 << 20


def header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def pax(*records: tuple[str, str], kind: bytes = tarfile.XHDTYPE) -> bytes:
    body = b""
    for key, value in records:
        record = f" {key}={value}\n".encode()
        length = len(record)
        while len(str(length)) + len(record) != length:
            length = len(str(length)) + len(record)
        body += str(length).encode() + record
    return header("pax", kind, len(body)) + padded(body)


def read(archive: bytes, piece: int = 1 << 20) -> dict[str, bytes]:
    """Return name -> content."""
    reader = TarReader(io.BytesIO(archive))
    return {info.name: b"".join(iter(lambda: reader.read(piece), b"")) for info in reader}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_tarfile(form: int) -> None:
    chance = random.Random(form)
    buffer = io.BytesIO()
    wanted = {}
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for number in range(50):
            length = 90 if form == tarfile.USTAR_FORMAT else chance.choice([1, 99, 100, 101, 1000])
            info = tarfile.TarInfo(f"{number:02}/" + "n" * length)
            data = chance.randbytes(chance.choice([0, 1, 511, 512, 513, 70_000]))
            info.size, info.mtime, info.uid = len(data), 10**9 + number, number * 1000
            archive.addfile(info, io.BytesIO(data))
            wanted[info.name] = data
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "target" * (1 if form == 0 else 40)
        archive.addfile(link)
    assert read(buffer.getvalue()) == {**wanted, "link": b""}
    assert read(buffer.getvalue(), 100) == {**wanted, "link": b""}
    members = list(TarReader(io.BytesIO(buffer.getvalue())))
    assert [info.uid for info in members[:50]] == [number * 1000 for number in range(50)]
    assert members[3].mtime == 10**9 + 3
    assert members[-1].linkname == link.linkname


@pytest.mark.skipif(not shutil.which("tar"), reason="install GNU tar")
@pytest.mark.parametrize(
    "flags",
    [
        ["--format=gnu"],
        ["--format=pax", "--sparse-version=0.0"],
        ["--format=pax", "--sparse-version=0.1"],
        ["--format=pax", "--sparse-version=1.0"],
    ],
    ids=lambda flags: flags[-1],
)
def test_sparse_files_of_gnu_tar(tmp_path: Path, flags: list[str]) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        for number in range(60):
            file.seek(number * 100_000)
            file.write(b"%d" % number * 3000)
        file.truncate(7_000_000)
    (tmp_path / "after").write_text("text")
    command = ["tar", "-C", str(tmp_path), "-cS", *flags, "sparse", "after"]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    assert len(archive) < MIB * 2
    wanted = {"sparse": (tmp_path / "sparse").read_bytes(), "after": b"text"}
    assert read(archive) == wanted
    assert read(archive, 777) == wanted
    (info, _) = list(TarReader(io.BytesIO(archive)))
    assert info.size == 7_000_000


def test_names_that_are_not_utf8() -> None:
    name = os.fsdecode(b"\xff\xfe" * 90)
    raw = tarfile.TarInfo(name).tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    assert list(read(raw)) == [name]


def test_pax_records_are_applied() -> None:
    records = [
        ("path", "long/name"), ("size", "3"), ("uid", "70000000"), ("gid", "5"),
        ("mtime", "1.5"), ("linkpath", ""), ("SCHILY.xattr.user.a", "1"), ("comment", "c"),
    ]  # fmt: skip
    archive = pax(*records) + header("short", size=0) + padded(b"abc") + header("next")
    (first, second) = list(TarReader(io.BytesIO(archive)))
    assert (first.name, first.size, first.uid, first.gid) == ("long/name", 3, 70_000_000, 5)
    assert first.mtime == 1.5
    assert first.pax_headers == {"SCHILY.xattr.user.a": "1"}
    assert (second.name, second.pax_headers) == ("next", {})


def test_global_records_are_ignored() -> None:
    archive = pax(("path", "other"), kind=tarfile.XGLTYPE) + header("f") + header("g")
    assert list(read(archive)) == ["f", "g"]


def test_old_folders_end_with_a_slash() -> None:
    (info,) = TarReader(io.BytesIO(header("d/", tarfile.AREGTYPE)))
    assert info.isdir()


def test_links_have_no_content_whatever_their_size() -> None:
    archive = header("l", tarfile.SYMTYPE, 700, "x") + header("f", size=1) + padded(b"1")
    assert read(archive) == {"l": b"", "f": b"1"}


@pytest.mark.parametrize("end", [b"", bytes(512), bytes(1024), bytes(1024) + b"rubbish" * 100])
def test_ends(end: bytes) -> None:
    """As Go: blocks of zeros may be missing, and what follows them does not matter."""
    assert read(header("f", size=3) + padded(b"abc") + end) == {"f": b"abc"}
    assert read(end) == {}
    assert read(header("f", size=3) + b"abc") == {"f": b"abc"}, "padding may be missing"


def sparse_one(body: bytes, realsize: str = "10", size: int | None = None) -> bytes:
    records = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "s"),
        ("GNU.sparse.realsize", realsize),
    ]
    return pax(*records) + header("s", size=len(body) if size is None else size) + padded(body)


def mapped(numbers: str, size: int) -> bytes:
    """Return a sparse file of 9 bytes in format 0.1."""
    records = pax(("GNU.sparse.map", numbers), ("GNU.sparse.size", "9"))
    return records + header("f", size=size) + bytes(512)


BAD_RECORDS = [
    b"9 a=b\n",
    b"6 a=bc",
    b"x a=b\n",
    b"6 ab\n\n",
    b"99 a=b\n",
    b"0 a=b\n",
    b"1" * 30,
]


@pytest.mark.parametrize(
    "archive",
    [
        header("f")[:300],
        header("f", size=600) + bytes(100),
        header("f").replace(b"f\0", b"g\0", 1),
        bytes(512) + header("f"),
        *(header("x", tarfile.XHDTYPE, len(body)) + padded(body) for body in BAD_RECORDS),
        pax(("path", "a\0b")) + header("f"),
        pax(("size", "-1")) + header("f"),
        pax(("size", "1_0")) + header("f"),
        pax(("size", "9" * 19)) + header("f"),
        pax(("size", "9" * 5000)) + header("f"),
        pax(("uid", str(1 << 32))) + header("f"),
        pax(("mtime", "nan")) + header("f"),
        pax(("mtime", "1" * 400)) + header("f"),
        pax(("GNU.sparse.numbytes", "1")) + header("f"),
        pax(("GNU.sparse.offset", "1"), ("GNU.sparse.offset", "1")) + header("f"),
        mapped("0,1,2", 1),
        mapped("0,x", 1),
        mapped("5,2,4,1", 3),
        mapped("0,20", 20),
        mapped("0,9", 1),
        sparse_one(b"1\n0\n"),
        sparse_one(padded(b"1\n0\n5\n") + b"123"),
        sparse_one(padded(b"x\n")),
        sparse_one(padded(b"1\n-5\n1\n") + b"1"),
        sparse_one(padded(b"99999999999999999999\n")),
        sparse_one(b"9999999999\n" + b"0\n" * (2 * MIB)),
        header("L", tarfile.GNUTYPE_LONGNAME, MIB + 1) + bytes(MIB + 512),
        header("L", tarfile.GNUTYPE_LONGNAME, 5000) + padded(b"n" * 5000) + header("f"),
        header("L", tarfile.GNUTYPE_LONGLINK, 5000) + padded(b"n" * 5000) + header("f"),
        header("L", tarfile.GNUTYPE_LONGNAME, 5000) + bytes(100),
        pax(("path", "n" * 5000)) + header("f"),
    ],
)  # fmt: skip
def test_damaged_and_hostile_archives(archive: bytes) -> None:
    with pytest.raises(TarError):
        read(archive)


def test_random_damage_is_an_error_or_ignored() -> None:
    chance = random.Random(1)
    whole = sparse_one(padded(b"1\n0\n5\n") + b"12345") + pax(("path", "p")) + header("f", size=9)
    whole += padded(b"123456789") + header("L", tarfile.GNUTYPE_LONGNAME, 3) + padded(b"abc")
    whole += header("old", tarfile.GNUTYPE_SPARSE) + bytes(1024)
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.choice([0, 32, 48, 57, 255, 120])
        start = chance.randrange(len(damaged) // 512) * 512
        block = damaged[start : start + 512]  # with a right checksum
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        damaged[start : start + 512] = block
        with contextlib.suppress(TarError):
            read(bytes(damaged))


class Blocks:
    """A stream of the pieces of an iterator, of any length."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


LONG = "A" * 1_000_000


@pytest.mark.parametrize(
    "pieces",
    [
        [pax(("k", LONG), kind=tarfile.XGLTYPE)] * 60 + [header("f")],
        [pax(("comment", LONG)) + header("d/", tarfile.DIRTYPE)] * 60,
        [pax(("SCHILY.xattr.user.a", LONG)) + header("d/", tarfile.DIRTYPE)] * 60,
        [header("L", tarfile.GNUTYPE_LONGNAME, MIB) + bytes(MIB)] * 60 + [header("f")],
        [pax(("comment", LONG))] * 60 + [header("f")],
        [sparse_one(b"9999999999\n" + b"0\n" * 100, size=1 << 30)] + [b"0\n" * MIB] * 60,
        [header("old", tarfile.GNUTYPE_SPARSE).replace(bytes(20), b"\1" * 20)] + [b"\1" * MIB] * 60,
    ],
    ids=["global", "comments", "attributes", "long names", "only pax", "sparse map", "old sparse"],
)
def test_memory_is_bounded(pieces: list[bytes]) -> None:
    tracemalloc.start()
    try:
        for _ in TarReader(Blocks(pieces)):
            pass
    except TarError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 24 * MIB


def test_a_huge_hole_is_read_in_pieces() -> None:
    reader = TarReader(io.BytesIO(sparse_one(padded(b"0\n"), realsize=str(1 << 62))))
    assert next(iter(reader)).size == 1 << 62
    assert 0 < len(reader.read(1 << 60)) <= MIB
