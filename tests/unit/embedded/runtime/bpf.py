"""An interpreter of seccomp-BPF programs. source: seccomp(2); linux/filter.h."""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass

X86_64, AARCH64, X86, ARM = 0xC000003E, 0xC00000B7, 0x40000003, 0x40000028
ALLOW, ERRNO, KILL, KILL_THREAD = 0x7FFF0000, 0x00050000, 0x80000000, 0
TRAP, TRACE, LOG = 0x00030000, 0x7FF00000, 0x7FFC0000
MAX_INSTRUCTIONS = 4096


@dataclass(frozen=True)
class Call:
    """A system call, as `struct seccomp_data` describes it to a filter."""

    number: int
    arch: int = X86_64
    arguments: Sequence[int] = ()
    pointer: int = 0

    def data(self) -> bytes:
        """Return the struct."""
        arguments = (*self.arguments, *(0,) * (6 - len(self.arguments)))
        return struct.pack("IIQ6Q", self.number, self.arch, self.pointer, *arguments)


@functools.lru_cache(maxsize=4)
def _instructions(program: bytes) -> list[tuple[int, int, int, int]]:
    instructions = list(struct.iter_unpack("HBBI", program))
    assert len(instructions) <= MAX_INSTRUCTIONS
    return instructions


def run(program: bytes, call: Call) -> int:
    """Return what the program returns for a call; reject what the kernel or a reader would."""
    instructions = _instructions(program)
    data, accumulator, at = call.data(), 0, 0
    while True:
        code, on_true, on_false, k = instructions[at]
        at += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("I", data, k)
        elif code == 0x54:  # BPF_ALU | BPF_AND | BPF_K
            accumulator &= k
        elif code == 0x05:  # BPF_JMP | BPF_JA
            at += k
        elif code == 0x15:  # BPF_JMP | BPF_JEQ
            at += on_true if accumulator == k else on_false
        elif code == 0x25:  # BPF_JMP | BPF_JGT
            at += on_true if accumulator > k else on_false
        elif code == 0x35:  # BPF_JMP | BPF_JGE
            at += on_true if accumulator >= k else on_false
        elif code == 0x06:  # BPF_RET
            return int(k)
        else:
            raise AssertionError(f"instruction {code:#x}")
