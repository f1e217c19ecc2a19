"""An interpreter of seccomp-BPF programs. source: seccomp(2); linux/filter.h."""

from __future__ import annotations

import struct
from dataclasses import dataclass

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000


@dataclass(frozen=True)
class Call:
    """A system call, as `struct seccomp_data` describes it to a filter."""

    number: int
    arch: int = X86_64
    argument: int = 0

    def data(self) -> bytes:
        """Return the struct."""
        return struct.pack("IIQ6Q", self.number, self.arch, 0, self.argument, 0, 0, 0, 0, 0)


def run(program: bytes, call: Call) -> int:
    """Return what the program returns for a call; reject instructions that it should not use."""
    instructions = list(struct.iter_unpack("HBBI", program))
    data, accumulator, at = call.data(), 0, 0
    while True:
        code, on_true, on_false, k = instructions[at]
        at += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("I", data, k)
        elif code == 0x15:  # BPF_JMP | BPF_JEQ
            at += on_true if accumulator == k else on_false
        elif code == 0x35:  # BPF_JMP | BPF_JGE
            at += on_true if accumulator >= k else on_false
        elif code == 0x45:  # BPF_JMP | BPF_JSET
            at += on_true if accumulator & k else on_false
        elif code == 0x06:  # BPF_RET
            return int(k)
        else:
            raise AssertionError(f"instruction {code:#x}")
