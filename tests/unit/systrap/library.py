"""Python's view of systrap's structures: see `systrap/*.h`."""

from __future__ import annotations

import ctypes
import platform
import struct
from dataclasses import dataclass

import pytest
from conftest import unavailable

from tools import debian

ENOEXEC = -8
ROOT_FD = 200
WRITABLE, READ_ONLY, HOST = range(3)
PATH_MAX, ELF_HEAD, SCRIPT_HEAD, CONFIG_SIZE = 4096, 4096, 256, 16384
TEXT_START, TEXT_END = 0x3F0000000000, 0x3F0000008000


def require() -> None:
    """Skip the test where the program cannot be built."""
    if platform.machine() != "x86_64":
        pytest.skip("systrap is for x86_64")
    if missing := debian.missing("c"):
        unavailable(f"a compiler is needed: {debian.install_command(missing)}")


class Config:
    """A `struct config`; made of its text, as at each execve(2)."""

    def __init__(
        self,
        functions: ctypes.CDLL,
        *binds: tuple[bytes, bytes, int],
        root: bytes = b"/srv/box",
        shims: tuple[int, ...] = (),
        loopback: tuple[int, int] = (0, 0),
    ) -> None:
        numbers = [7, 0, 1, 0, 1000, 1000, *[0] * 6, len(shims), *shims, *loopback, 0]
        fields = [
            root,
            b"/bin/systrap",
            b"box",
            b"/srv/signals",
            *(b"%d" % number for number in numbers),
        ]
        for source, target, kind in binds:
            fields += [source, target, b"%d" % kind]
        self.text = b"".join(field + b"\1" for field in fields)
        self._functions = functions
        self._kept = ctypes.create_string_buffer(self.text, CONFIG_SIZE)
        self.pointer = ctypes.create_string_buffer(65536)
        functions.config_read(self.pointer, self._kept)

    def written(self) -> bytes:
        """Return the text that the next program gets."""
        to = ctypes.create_string_buffer(CONFIG_SIZE)
        self._functions.config_write(to, self.pointer)
        return to.value

    def to_guest(self, path: bytes) -> bytes:
        """Translate a path of the host."""
        buffer = ctypes.create_string_buffer(path, PATH_MAX + 1)
        length = self._functions.path_to_guest(self.pointer, buffer, ctypes.c_int64(len(path)))
        assert length == len(buffer.value)
        return buffer.value


@dataclass(frozen=True)
class Segment:
    """A `struct segment`."""

    start: int
    file_end: int
    end: int
    offset: int
    protection: int
    from_file: int


@dataclass(frozen=True)
class Plan:
    """A `struct elf_plan`."""

    movable: int
    low: int
    size: int
    alignment: int
    entry: int
    headers: int
    header_count: int
    interpreter_offset: int
    interpreter_size: int
    segments: tuple[Segment, ...]


def plan(functions: ctypes.CDLL, head: bytes) -> Plan | int:
    """Return how an ELF file with these first bytes is mapped, or a negative error number."""
    result = ctypes.create_string_buffer(8192)
    functions.elf_plan.restype = ctypes.c_int64
    code = functions.elf_plan(head, ctypes.c_int64(len(head)), result)
    if code:
        return int(code)
    movable, *fields, count = struct.unpack_from("i4x8Qi4x", result.raw)
    segments = struct.iter_unpack("4Q2i", result.raw[80 : 80 + 40 * count])
    return Plan(movable, *fields, tuple(Segment(*segment) for segment in segments))


def script(functions: ctypes.CDLL, head: bytes) -> tuple[bytes, bytes | None] | int:
    """Return a script's interpreter and argument, or what script_parse returns."""
    buffer = ctypes.create_string_buffer(head, SCRIPT_HEAD + 1)
    interpreter, argument = ctypes.c_char_p(), ctypes.c_char_p()
    functions.script_parse.restype = ctypes.c_int64
    code = functions.script_parse(
        buffer, ctypes.c_int64(len(head)), ctypes.byref(interpreter), ctypes.byref(argument)
    )
    if code != 1:
        return int(code)
    assert interpreter.value is not None
    return interpreter.value, argument.value


def seccomp_filter(functions: ctypes.CDLL, last_fd: int) -> bytes:
    """Return the filter's program."""
    buffer = ctypes.create_string_buffer(16384)
    functions.filter_build(
        buffer, ctypes.c_uint64(TEXT_START), ctypes.c_uint64(TEXT_END), ctypes.c_uint32(last_fd)
    )
    (length,) = struct.unpack_from("H", buffer.raw)
    return buffer.raw[4 : 4 + 8 * length]
