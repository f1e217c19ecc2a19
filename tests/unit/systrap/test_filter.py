"""The seccomp filter, by an interpreter of its program; and rewritten call sites."""

from __future__ import annotations

import ctypes
import errno

import pytest
from unit.embedded.runtime import bpf
from unit.embedded.runtime.bpf import ALLOW, ERRNO, TRAP, Call
from unit.systrap.library import ROOT_FD, TEXT_END, TEXT_START, seccomp_filter

SUCCESS, REFUSED, FORBIDDEN = ERRNO, ERRNO | errno.ENOSYS, ERRNO | errno.EPERM
NO_PROTOCOL, BUSY = ERRNO | errno.EPROTONOSUPPORT, ERRNO | errno.EAGAIN
LAST_FD = ROOT_FD + 3
#: x86_64's numbers of calls. source: linux/arch/x86/entry/syscalls/syscall_64.tbl
READ, OPEN, CLOSE, SIGACTION, SIGPROCMASK, DUP2, SOCKET, SENDTO = 0, 2, 3, 13, 14, 33, 41, 44
FCNTL, CHOWN, PTRACE, GETUID, PRCTL, MOUNT, OPENAT, PRLIMIT = 72, 92, 101, 102, 157, 165, 257, 302
URING, CLONE3, CLOSE_RANGE, MSEAL, SETXATTRAT, X32 = 425, 435, 436, 462, 463, 0x40000000
PR_SET_NAME, PR_SET_SECCOMP, SIGSYS, F_SETLEASE, HIGH = 15, 22, 31, 1024, 1 << 32


@pytest.fixture
def program(functions: ctypes.CDLL) -> bytes:
    """The filter of a container with three binds."""
    return seccomp_filter(functions, LAST_FD)


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (READ, (3,), ALLOW), (OPEN, (1,), TRAP), (OPENAT, (), TRAP), (GETUID, (), TRAP),
        (CHOWN, (), SUCCESS), (MOUNT, (), FORBIDDEN), (URING, (), REFUSED), (CLONE3, (), REFUSED),
        (MSEAL, (), ALLOW), (SETXATTRAT, (), REFUSED), (5000, (), REFUSED),
        (X32 | OPEN, (), REFUSED),
        (CLOSE, (3,), ALLOW), (CLOSE, (ROOT_FD,), SUCCESS), (CLOSE, (LAST_FD,), SUCCESS),
        (CLOSE, (LAST_FD + 1,), ALLOW), (CLOSE, (ROOT_FD - 1,), ALLOW),
        (FCNTL, (ROOT_FD,), SUCCESS), (FCNTL, (3,), ALLOW), (FCNTL, (3, F_SETLEASE), BUSY),
        (DUP2, (1, 2), ALLOW), (DUP2, (1, ROOT_FD), TRAP), (DUP2, (ROOT_FD, 1), ALLOW),
        (CLOSE_RANGE, (3, 4), TRAP),
        (SENDTO, (1, 2, 3, 4, 0), ALLOW), (SENDTO, (1, 2, 3, 4, 5), TRAP),
        (SENDTO, (1, 2, 3, 4, HIGH), TRAP),
        (SIGPROCMASK, (0, 0), ALLOW), (SIGPROCMASK, (0, HIGH), TRAP), (SIGPROCMASK, (0, 1), TRAP),
        (SIGACTION, (15, 0), ALLOW), (SIGACTION, (15, 1), TRAP), (SIGACTION, (15, HIGH), TRAP),
        (SIGACTION, (SIGSYS, 0), TRAP), (SIGACTION, (SIGSYS, 1), TRAP),
        (PTRACE, (0,), TRAP), (PTRACE, (16,), ALLOW),
        (PRCTL, (PR_SET_NAME,), ALLOW), (PRCTL, (PR_SET_SECCOMP,), SUCCESS),
        (PRLIMIT, (0, 7, 1), ALLOW), (PRLIMIT, (9, 7, 0), ALLOW), (PRLIMIT, (9, 7, 1), FORBIDDEN),
        (PRLIMIT, (9, 7, HIGH), FORBIDDEN),
        (SOCKET, (2, 1, 9), ALLOW), (SOCKET, (16, 3, 0), ALLOW), (SOCKET, (16, 3, 9), NO_PROTOCOL),
    ],
)  # fmt: skip
def test_calls_of_a_program(
    program: bytes, number: int, arguments: tuple[int, ...], expected: int
) -> None:
    assert bpf.run(program, Call(number, arguments=arguments)) == expected


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        (TEXT_START, ALLOW), (TEXT_END - 1, ALLOW), (TEXT_END, TRAP), (TEXT_START - 1, TRAP),
        (TEXT_START + HIGH, TRAP), (TEXT_START & 0xFFFFFFFF, TRAP),
    ],
)  # fmt: skip
def test_calls_of_the_program_itself(program: bytes, pointer: int, expected: int) -> None:
    for number, arguments in ((OPEN, ()), (SIGACTION, (SIGSYS, 1)), (SENDTO, (1, 2, 3, 4, 5))):
        assert bpf.run(program, Call(number, arguments=arguments, pointer=pointer)) == expected


def test_no_place_allows_what_is_forbidden(program: bytes) -> None:
    for number, arguments in (
        (URING, ()), (MOUNT, ()), (PRLIMIT, (9, 7, 1)), (FCNTL, (3, F_SETLEASE)),
    ):  # fmt: skip
        assert bpf.run(program, Call(number, arguments=arguments, pointer=TEXT_START)) & ERRNO


def test_other_architectures_do_not_exist(program: bytes) -> None:
    assert bpf.run(program, Call(READ, arch=bpf.X86)) == REFUSED


SITE = bytes([0xB8, 2, 0, 0, 0, 0x0F, 0x05])


@pytest.mark.parametrize(
    ("code", "address", "expected"),
    [
        (SITE, 0x1000, 1),
        (SITE, 0x103B, 1),
        (SITE, 0x103C, 0),  # the jump would be in two cache lines
        (b"\xb9" + SITE[1:], 0x1000, 0),
        (SITE[:5] + b"\x0f\x0b", 0x1000, 0),
    ],
)
def test_sites(functions: ctypes.CDLL, code: bytes, address: int, expected: int) -> None:
    assert functions.patch_fits(code, ctypes.c_uint64(address)) == expected


def test_a_site_jumps_and_keeps_its_syscall_instruction(functions: ctypes.CDLL) -> None:
    functions.patch_jump.restype = ctypes.c_uint64
    bytes_ = int.from_bytes(SITE + b"\xc3", "little")
    for target in (0x2000, 0x500):
        jump = functions.patch_jump(
            ctypes.c_uint64(bytes_), ctypes.c_uint64(0x1000), ctypes.c_uint64(target)
        ).to_bytes(8, "little")
        assert jump[0] == 0xE9
        assert 0x1005 + int.from_bytes(jump[1:5], "little", signed=True) == target
        assert jump[5:] == b"\x0f\x05\xc3"


def test_an_island_has_number_way_back_and_entry(functions: ctypes.CDLL) -> None:
    code = ctypes.create_string_buffer(64)
    back, entry = 0x1122334455667788, 0x3F0000001000
    size = functions.patch_island(code, SITE, ctypes.c_uint64(back), ctypes.c_uint64(entry))
    assert code.raw[:size] == (
        SITE[:5]
        + b"\x48\xb9" + back.to_bytes(8, "little")
        + b"\x49\xbb" + entry.to_bytes(8, "little")
        + b"\x41\xff\xe3"
    )  # fmt: skip
    assert size <= 32
