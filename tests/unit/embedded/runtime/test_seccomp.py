"""The seccomp filter: the results of system calls, by an interpreter of its program."""

from __future__ import annotations

import errno

import pytest
from unit.embedded.runtime import bpf
from unit.embedded.runtime.bpf import ALLOW, ERRNO, KILL, Call

from docker_magics.embedded.runtime import capabilities, seccomp

DENIED, MISSING, FAKED = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS, ERRNO
#: x86_64's numbers of calls. source: linux/arch/x86/entry/syscalls/syscall_64.tbl
READ, CLONE, EXECVE, CHOWN, SETUID, MOUNT, REBOOT, UNSHARE = 0, 56, 59, 92, 105, 165, 169, 272
BPF, CLONE3, OPENAT2 = 321, 435, 437
CLONE_NEWUSER, CLONE_NEWNS, SIGCHLD = 0x10000000, 0x00020000, 17


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Pretend that the machine is an x86_64."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return monkeypatch


@pytest.mark.parametrize("number", [MOUNT, REBOOT, UNSHARE, BPF])
def test_denied_calls_fail_with_eperm(number: int) -> None:
    program = seccomp.program(caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(number)) == DENIED


@pytest.mark.parametrize("number", [READ, EXECVE, CHOWN, SETUID, OPENAT2])
def test_other_calls_are_allowed(number: int) -> None:
    program = seccomp.program(caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(number)) == ALLOW


@pytest.mark.parametrize(
    ("capability", "number"),
    [("SYS_ADMIN", MOUNT), ("SYS_ADMIN", UNSHARE), ("SYS_BOOT", REBOOT), ("BPF", BPF)],
)
def test_a_capability_allows_its_calls(capability: str, number: int) -> None:
    program = seccomp.program(caps={*capabilities.DEFAULT, capability})
    assert bpf.run(program, Call(number)) == ALLOW


def test_a_capability_allows_no_other_calls() -> None:
    program = seccomp.program(caps={"SYS_BOOT"})
    assert bpf.run(program, Call(MOUNT)) == DENIED
    assert bpf.run(program, Call(BPF)) == DENIED


def test_clone_may_not_create_namespaces() -> None:
    program = seccomp.program(caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(CLONE, argument=SIGCHLD)) == ALLOW
    for flag in (CLONE_NEWUSER, CLONE_NEWNS):
        assert bpf.run(program, Call(CLONE, argument=flag | SIGCHLD)) == DENIED
    assert bpf.run(program, Call(CLONE3)) == MISSING


def test_clone_may_create_namespaces_with_sys_admin() -> None:
    program = seccomp.program(caps={"SYS_ADMIN"})
    assert bpf.run(program, Call(CLONE, argument=CLONE_NEWUSER | SIGCHLD)) == ALLOW
    assert bpf.run(program, Call(CLONE3)) == ALLOW


def test_fake_ownership_answers_success() -> None:
    program = seccomp.program(fake_ownership=True)
    assert bpf.run(program, Call(CHOWN)) == FAKED
    assert bpf.run(program, Call(SETUID)) == FAKED
    assert bpf.run(program, Call(MOUNT)) == ALLOW
    assert bpf.run(program, Call(READ)) == ALLOW


def test_fake_ownership_keeps_the_deny_list() -> None:
    program = seccomp.program(fake_ownership=True, caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(CHOWN)) == FAKED
    assert bpf.run(program, Call(MOUNT)) == DENIED


def test_new_calls_can_be_hidden() -> None:
    program = seccomp.program(hide_new_calls=True)
    assert bpf.run(program, Call(OPENAT2)) == MISSING
    assert bpf.run(program, Call(CLONE3)) == MISSING
    assert bpf.run(program, Call(MOUNT)) == ALLOW


def test_x32_calls_do_not_bypass_the_filter() -> None:
    program = seccomp.program(caps=capabilities.DEFAULT)
    for number in (READ, MOUNT, UNSHARE, 0x3FFFFFFF):
        assert bpf.run(program, Call(0x40000000 + number)) == MISSING


@pytest.mark.parametrize("arch", [bpf.AARCH64, 0x40000003])  # the second one is i386
def test_calls_of_another_architecture_kill(arch: int) -> None:
    program = seccomp.program(caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(READ, arch=arch)) == KILL


def test_arm_has_other_numbers(machine: pytest.MonkeyPatch) -> None:
    machine.setattr("platform.machine", lambda: "aarch64")
    program = seccomp.program(fake_ownership=True, caps=capabilities.DEFAULT)
    assert bpf.run(program, Call(40, bpf.AARCH64)) == DENIED  # mount
    assert bpf.run(program, Call(54, bpf.AARCH64)) == FAKED  # fchownat
    assert bpf.run(program, Call(220, bpf.AARCH64, CLONE_NEWUSER)) == DENIED  # clone
    assert bpf.run(program, Call(92, bpf.AARCH64)) == ALLOW  # x86_64's chown, here personality
    assert bpf.run(program, Call(63)) == KILL


def test_nothing_to_filter(machine: pytest.MonkeyPatch) -> None:
    assert seccomp.program() == b""
    machine.setattr("platform.machine", lambda: "riscv64")
    assert seccomp.program(caps=capabilities.DEFAULT) == b""
