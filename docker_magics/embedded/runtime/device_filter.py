"""The device rules of version 2: a BPF program, attached to a container's control group.

source: Linux, Documentation/admin-guide/cgroup-v2.rst, "Device controller"; linux/bpf.h, for
`bpf_insn`, `bpf_cgroup_dev_ctx` and the attributes of bpf(2).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from .. import syscalls
from .device_rules import DeviceRule

_PROG_LOAD, _PROG_ATTACH = 5, 8
_CGROUP_DEVICE = 15  # the type of a program
_ATTACH_DEVICE, _ALLOW_MULTI = 6, 2
_LICENSE = b"Apache-2.0\0"
#: Instructions: load 32 bits of the context, copy a register, arithmetic, jumps, end.
_LOAD, _COPY, _MOVE, _AND, _SHIFT = 0x61, 0xBF, 0xB7, 0x57, 0x77
_IF_OTHER, _IF_ANY_BIT, _EXIT = 0x55, 0x45, 0x95
#: Registers: the result and, after the prologue, what is asked for.
_RESULT, _CONTEXT, _KIND, _ACCESS, _MAJOR, _MINOR = range(6)
_KINDS = {"b": 1, "c": 2}
_BITS = {"m": 1, "r": 2, "w": 4}
_ALL_BITS = 7


def program(rules: Iterable[DeviceRule]) -> bytes:
    """Return a program that returns 1 if one rule allows all that is asked for, otherwise 0.

    The context has 32 bits each of access << 16 | kind, major and minor. Rules of the same devices
    are one, as in version 1: `r` and `w` of two rules allow to open for both.
    """
    access: dict[tuple[str, int | None, int | None], int] = {}
    for kind, major, minor, letters in rules:
        bits = sum(_BITS[letter] for letter in set(letters))
        access[kind, major, minor] = access.get((kind, major, minor), 0) | bits
    code = [
        _instruction(_LOAD, _KIND, _CONTEXT, offset=0),
        _instruction(_COPY, _ACCESS, _KIND),
        _instruction(_AND, _KIND, value=0xFFFF),
        _instruction(_SHIFT, _ACCESS, value=16),
        _instruction(_LOAD, _MAJOR, _CONTEXT, offset=4),
        _instruction(_LOAD, _MINOR, _CONTEXT, offset=8),
    ]
    for (kind, major, minor), bits in access.items():
        code += _rule(kind, major, minor, bits)
    return b"".join([*code, *_return(0)])


def _rule(kind: str, major: int | None, minor: int | None, bits: int) -> Iterator[bytes]:
    """Yield instructions that return 1 where a rule applies, and go on after them otherwise."""
    tests = [(_IF_OTHER, _KIND, _KINDS[kind])]
    if _ALL_BITS & ~bits:
        tests.append((_IF_ANY_BIT, _ACCESS, _ALL_BITS & ~bits))
    if major is not None:
        tests.append((_IF_OTHER, _MAJOR, major))
    if minor is not None:
        tests.append((_IF_OTHER, _MINOR, minor))
    for at, (operation, register, value) in enumerate(tests):
        # over the other tests and the two instructions of `_return`
        yield _instruction(operation, register, offset=len(tests) - at + 1, value=value)
    yield from _return(1)


def _return(value: int) -> tuple[bytes, bytes]:
    return _instruction(_MOVE, _RESULT, value=value), _instruction(_EXIT)


def _instruction(
    operation: int, target: int = 0, source: int = 0, *, offset: int = 0, value: int = 0
) -> bytes:
    return struct.pack("=BBhI", operation, source << 4 | target, offset, value)


def attach(folder: Path, rules: Iterable[DeviceRule]) -> None:
    """Allow the devices of rules, and no other, to a group of version 2.

    Raises:
        OSError: the kernel has no such programs, or this process may not load one.
    """
    loaded = _load(program(rules))
    group = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        attributes = struct.pack("IIII", group, loaded, _ATTACH_DEVICE, _ALLOW_MULTI)
        syscalls.bpf(_PROG_ATTACH, attributes)
    finally:
        os.close(group)
        os.close(loaded)


def _load(code: bytes) -> int:
    """Return the descriptor of a loaded program."""
    instructions = ctypes.create_string_buffer(code, len(code))
    license_ = ctypes.create_string_buffer(_LICENSE)
    addresses = ctypes.addressof(instructions), ctypes.addressof(license_)
    attributes = struct.pack("IIQQIIQII", _CGROUP_DEVICE, len(code) // 8, *addresses, 0, 0, 0, 0, 0)
    return syscalls.bpf(_PROG_LOAD, attributes)
