"""An assembler for seccomp-BPF programs.

Jumps only lead forward. A program is therefore assembled from its last instruction to its first: a
branch takes the labels of its targets, which exist already.

source: seccomp(2); linux/filter.h, linux/bpf_common.h, linux/seccomp.h.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

#: The most instructions that the kernel accepts (BPF_MAXINSNS).
MAX_INSTRUCTIONS = 4096
#: Offsets in `struct seccomp_data`; each of the six arguments has 64 bits.
NUMBER_AT, ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
ALLOW, ERRNO, KILL_PROCESS, KILL_THREAD = 0x7FFF0000, 0x00050000, 0x80000000, 0x00000000
TRAP, TRACE, LOG = 0x00030000, 0x7FF00000, 0x7FFC0000
#: The part of a result that is the action; the rest is its data, such as an errno.
ACTION = 0xFFFF0000

_LOAD, _AND, _RETURN, _JUMP = 0x20, 0x54, 0x06, 0x05
EQUAL, GREATER, GREATER_EQUAL = 0x15, 0x25, 0x35
_TESTS = {"EQ": EQUAL, "GT": GREATER, "GE": GREATER_EQUAL}
_HALF = 0xFFFFFFFF
#: The farthest target of a conditional jump.
_FAR = 255

#: An instruction, as the number of instructions that follow its predecessor.
Label = int


class Assembler:
    """Assembles one program, from its end to its beginning.

    Each method adds instructions before those that exist, and returns the label of the first one.
    """

    def __init__(self) -> None:
        self._reversed: list[tuple[int, int, int, int]] = []

    def answer(self, value: int) -> Label:
        """Add the end of the program: its result, such as ALLOW or ERRNO | number."""
        return self._add(_RETURN, value)

    def load(self, offset: int, then: Label) -> Label:
        """Load the 32 bits at an offset of `struct seccomp_data`; go on at a label."""
        return self._before(then, _LOAD, offset)

    def mask(self, value: int, then: Label) -> Label:
        """Mask what is loaded; go on at a label."""
        return self._before(then, _AND, value)

    def test(self, operator: int, value: int, yes: Label, no: Label) -> Label:
        """Compare what is loaded by EQUAL, GREATER or GREATER_EQUAL with a value; branch."""
        near_no = self._near(no, reserve=1)
        near_yes = self._near(yes)
        at = len(self._reversed)
        return self._add(operator, value, at - near_yes, at - near_no)

    def search(self, starts: Sequence[tuple[int, Label]]) -> Label:
        """Find the interval of what is loaded by binary search, and go on at its label.

        Args:
            starts: the first value of each interval, ascending from 0, and its label.
        """
        if len(starts) == 1:
            return starts[0][1]
        middle = len(starts) // 2
        right, left = self.search(starts[middle:]), self.search(starts[:middle])
        return self.test(GREATER_EQUAL, starts[middle][0], right, left)

    def compare(
        self, argument: int, operator: str, value: int, yes: Label, no: Label, *, bits: int = 64
    ) -> Label:
        """Compare an argument of the call; branch.

        Args:
            argument: its index, 0 to 5.
            operator: EQ, NE, GT, GE, LT or LE.
            value: what it is compared with.
            yes: where to go on if it is true.
            no: where to go on otherwise.
            bits: 32 to ignore the upper half, as the kernel does where the argument is an int.
        """
        opposites = {"NE": "EQ", "LT": "GE", "LE": "GT"}
        if operator in opposites:
            operator, yes, no = opposites[operator], no, yes
        low, high = value & _HALF, value >> 32
        lower = self.load(_low_at(argument), self.test(_TESTS[operator], low, yes, no))
        if bits == 32:
            return lower
        differs = no if operator == "EQ" else self.test(GREATER, high, yes, no)
        return self.load(_low_at(argument) + 4, self.test(EQUAL, high, lower, differs))

    def compare_masked(self, argument: int, mask: int, value: int, yes: Label, no: Label) -> Label:
        """Compare the masked argument of the call with a value; branch."""
        low = self.mask(mask & _HALF, self.test(EQUAL, value & _HALF, yes, no))
        low = self.load(_low_at(argument), low)
        high = self.mask(mask >> 32, self.test(EQUAL, value >> 32, low, no))
        return self.load(_low_at(argument) + 4, high)

    def program(self) -> bytes:
        """Return the program: 8 bytes an instruction (struct sock_filter)."""
        return b"".join(struct.pack("HBBI", *parts) for parts in reversed(self._reversed))

    def _add(self, code: int, value: int, yes: int = 0, no: int = 0) -> Label:
        self._reversed.append((code, yes, no, value))
        return len(self._reversed)

    def _before(self, then: Label, code: int, value: int) -> Label:
        if then != len(self._reversed):
            self._jump(then)
        return self._add(code, value)

    def _near(self, target: Label, reserve: int = 0) -> Label:
        """Return a label that a conditional jump reaches; `reserve` more instructions follow."""
        if len(self._reversed) + reserve - target <= _FAR:
            return target
        return self._jump(target)

    def _jump(self, target: Label) -> Label:
        return self._add(_JUMP, len(self._reversed) - target)


def _low_at(argument: int) -> int:
    return _ARGUMENTS_AT + 8 * argument
