"""What /proc lists: processes and mounts."""

from __future__ import annotations

import ctypes
import os
import random
import struct

import pytest

NO_MOUNTS, MOUNTS, MOUNTINFO, MOUNTSTATS = range(4)


@pytest.mark.parametrize(
    ("stat", "parent"),
    [
        (b"12 (sh) S 7 12 12 0 -1", 7),
        (b"12 (a) R 9 (b) S 7 12 12", 7),
        (b"12 () )) Z 1 1", 1),
        (b"12 (sh) S 0 0", 0),
        (b"12 (sh) ", 0),
        (b"12 (sh", 0),
        (b"", 0),
    ],
)
def test_parent(functions: ctypes.CDLL, stat: bytes, parent: int) -> None:
    functions.listing_parent.restype = ctypes.c_uint64
    assert functions.listing_parent(stat) == parent


def _entry(name: bytes) -> bytes:
    size = (19 + len(name) + 1 + 7) // 8 * 8
    return (struct.pack("QqHB", 5, 6, size, 4) + name).ljust(size, b"\0")


def test_entries_are_dropped(functions: ctypes.CDLL) -> None:
    functions.listing_filter.restype = ctypes.c_int64
    keep = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(lambda name: b"x" not in name)
    chance = random.Random(1)
    for _ in range(300):
        names = [bytes(chance.choices(b"abx", k=chance.randint(1, 30))) for _ in range(9)]
        entries = b"".join(map(_entry, names))
        buffer = ctypes.create_string_buffer(entries, len(entries))
        size = functions.listing_filter(buffer, ctypes.c_int64(len(entries)), keep)
        assert buffer.raw[:size] == b"".join(_entry(name) for name in names if b"x" not in name)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/proc/mounts", MOUNTS),
        (b"/proc/self/mounts", MOUNTS),
        (b"/proc/12/mountinfo", MOUNTINFO),
        (b"/proc/thread-self/mountstats", MOUNTSTATS),
        (b"/proc/12/task/13/mountinfo", MOUNTINFO),
        (b"/proc/mountinfo", NO_MOUNTS),
        (b"/proc/self/root/mounts", NO_MOUNTS),
        (b"/proc/self/task/mounts", NO_MOUNTS),
        (b"/proc/self", NO_MOUNTS),
        (b"/proc", NO_MOUNTS),
        (b"/data/mounts", NO_MOUNTS),
    ],
)
def test_files_that_list_mounts(functions: ctypes.CDLL, path: bytes, expected: int) -> None:
    assert functions.mounts_format(path) == expected


def test_names_of_files_that_list_mounts(functions: ctypes.CDLL) -> None:
    paths = (b"mounts", b"self/mountinfo", b"mounts/a", b"amounts", b"")
    assert [functions.mounts_is_name(path) for path in paths] == [1, 1, 0, 0, 0]


class _Mount(ctypes.Structure):
    _fields_ = (
        ("target", ctypes.c_char_p),
        ("type", ctypes.c_char_p),
        ("device", ctypes.c_uint64),
        ("read_only", ctypes.c_int),
        ("id", ctypes.c_uint64),
    )


def _line(functions: ctypes.CDLL, mount: _Mount, kind: int) -> bytes:
    to = ctypes.create_string_buffer(4 * 4096 + 256)
    functions.mounts_line(to, ctypes.byref(mount), kind)
    return to.value


def test_lines_of_mounts(functions: ctypes.CDLL) -> None:
    device = os.makedev(0x12345, 0x6789A)
    mount = _Mount(b"/a b\\\n\t", b"systrap", device, 1, 3)
    path = b"/a\\040b\\134\\012\\011"
    assert _line(functions, mount, MOUNTS) == b"systrap " + path + b" systrap ro 0 0\n"
    assert _line(functions, mount, MOUNTINFO) == (
        b"3 1 74565:424090 / " + path + b" ro - systrap systrap ro\n"
    )
    assert _line(functions, mount, MOUNTSTATS) == (
        b"device systrap mounted on " + path + b" with fstype systrap\n"
    )
    root = _Mount(b"/", b"systrap", os.makedev(8, 1), 0, 1)
    assert _line(functions, root, MOUNTINFO) == b"1 0 8:1 / / rw - systrap systrap rw\n"
