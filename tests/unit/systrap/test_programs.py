"""What is executed: ELF files, scripts, and systrap itself as the wheel has it."""

from __future__ import annotations

import ctypes
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from unit.systrap.library import ELF_HEAD, ENOEXEC, SCRIPT_HEAD, Plan, plan, script

from tools import systrap

HEADER, PROGRAM = "16sHHIQQQIHHHHHH", "IIQQQQQQ"
LOAD, INTERPRETER = 1, 3
READ, READ_EXECUTE = 4, 5


def elf(*programs: tuple[int, ...], kind: int = 3, machine: int = 62) -> bytes:
    """Return the head of an ELF file with (type, flags, offset, address, size, memory, align)."""
    head = struct.pack(
        HEADER, b"\x7fELF\2\1\1", kind, machine, 1, 0x1040, 64, 0, 0, 64, 56, len(programs), 0, 0, 0
    )
    for type_, flags, offset, address, size, memory, align in programs:
        head += struct.pack(PROGRAM, type_, flags, offset, address, address, size, memory, align)
    return head


def test_a_program_of_this_machine(functions: ctypes.CDLL) -> None:
    with Path(sys.executable).resolve().open("rb") as file:
        planned = plan(functions, file.read(ELF_HEAD))
    assert isinstance(planned, Plan)
    assert planned.interpreter_size > 1
    assert any(segment.protection == READ_EXECUTE for segment in planned.segments)
    assert planned.low <= planned.entry < planned.low + planned.size


def test_segments_are_whole_pages(functions: ctypes.CDLL) -> None:
    planned = plan(functions, elf((LOAD, 6, 0x2F10, 0x3F10, 0x100, 0x2000, 0x1000)))
    assert isinstance(planned, Plan)
    (segment,) = planned.segments
    assert (segment.start, segment.offset, segment.from_file) == (0x3000, 0x2000, 1)
    assert (segment.file_end, segment.end) == (0x4010, 0x5F10)
    assert (planned.low, planned.size) == (0x3000, 0x3000)
    assert planned.headers == 0


def test_headers_are_where_the_file_begins(functions: ctypes.CDLL) -> None:
    planned = plan(functions, elf((LOAD, READ, 0, 0x400000, 0x500, 0x500, 0x1000), kind=2))
    assert isinstance(planned, Plan)
    assert (planned.movable, planned.headers, planned.header_count) == (0, 0x400040, 1)


@pytest.mark.parametrize(
    "head",
    [
        b"", b"\x7fELF", b"#!/bin/sh\n", elf(), elf((LOAD, 4, 0, 0, 9, 9, 4096), machine=3),
        elf((LOAD, 4, 0, 0, 9, 9, 4096), kind=1),
        elf((LOAD, 4, 0, 0, 10, 9, 4096)),  # more in the file than in memory
        elf((LOAD, 4, 1, 0, 9, 9, 4096)),  # the offset does not fit the address
        elf((LOAD, 4, 0, 0x7FFFFFFFF000, 9, 9, 4096)), elf((LOAD, 4, 0, 0x1000, 9, 2**63, 4096)),
        elf((LOAD, 4, 0, 0x9000, 9, 9, 1), (LOAD, 4, 0, 0x1000, 9, 9, 1)),  # not in order
        elf((INTERPRETER, 4, 0, 0, 600, 600, 1), (LOAD, 4, 0, 0, 9, 9, 1)),
        elf(*[(LOAD, 4, 0, 0, 9, 9, 1)] * 33), elf((LOAD, 4, 0, 0, 9, 9, 1))[:-1],
    ],
)  # fmt: skip
def test_files_that_are_not_executed(functions: ctypes.CDLL, head: bytes) -> None:
    assert plan(functions, head) == ENOEXEC


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"#!/bin/sh\nx", (b"/bin/sh", None)),
        (b"#! /bin/sh -e \nx", (b"/bin/sh", b"-e")),
        (b"#!\t/usr/bin/env  python3 -u\n", (b"/usr/bin/env", b"python3 -u")),
        (b"#!/bin/sh", (b"/bin/sh", None)),
        (b"#!\n", ENOEXEC),
        (b"#! \t \n", ENOEXEC),
        (b"#!" + b"a" * (SCRIPT_HEAD - 2), ENOEXEC),
        (b"echo\n", 0),
        (b"#", 0),
        (b"", 0),
    ],
)
def test_scripts(
    functions: ctypes.CDLL, head: bytes, expected: tuple[bytes, bytes | None] | int
) -> None:
    assert script(functions, head) == expected


def test_the_program_is_built_from_the_present_source() -> None:
    content = systrap.PROGRAM.read_bytes()
    assert content.startswith(b"\x7fELF")
    assert systrap.source_hash() in content[-200:], "run `make systrap`"
    assert systrap.PROGRAM.stat().st_mode & 0o111


def test_the_program_is_what_its_source_says(functions: ctypes.CDLL, tmp_path: Path) -> None:
    del functions  # a compiler is here
    built = tmp_path / "systrap"
    systrap.build(built)
    shipped = systrap.PROGRAM.read_bytes()
    if not shipped.endswith(systrap.origin()):
        pytest.skip("another compiler than the one that built the program")
    assert built.read_bytes() == shipped


def test_a_wrong_command_line() -> None:
    done = subprocess.run([systrap.PROGRAM, "--root"], capture_output=True, check=False)
    assert done.returncode == 255
    assert done.stderr.startswith(b"usage: systrap --root FOLDER")
