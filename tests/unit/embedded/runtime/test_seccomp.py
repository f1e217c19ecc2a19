"""The seccomp filters: the results of system calls, by an interpreter of their programs."""

from __future__ import annotations

import base64
import errno
import itertools
import json
import stat
from collections.abc import Collection, Iterator, Sequence
from importlib import resources
from typing import Any

import pytest
from unit.embedded.runtime import bpf
from unit.embedded.runtime.bpf import ALLOW, ERRNO, KILL, Call

from docker_magics.embedded import syscalls
from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.runtime import capabilities, seccomp
from docker_magics.embedded.runtime.seccomp import Filter

DENIED, MISSING, FAKED = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS, ERRNO
#: x86_64's numbers of calls. source: linux/arch/x86/entry/syscalls/syscall_64.tbl
READ, SOCKET, CLONE, EXECVE, CHOWN, SETUID, MKNOD, PERSONALITY = 0, 41, 56, 59, 92, 105, 133, 135
MOUNT, REBOOT, MKNODAT, UNSHARE, BPF, CLONE3, OPENAT2 = 165, 169, 259, 272, 321, 435, 437
NOT_YET = 5000
CLONE_NEWUSER, CLONE_NEWNS, SIGCHLD = 0x10000000, 0x00020000, 17
AF_UNIX, AF_ALG, AF_KCM, AF_VSOCK, AF_XDP = 1, 38, 41, 40, 44
#: machine -> (the name of moby's conditions, audit architecture -> the table's column).
MACHINES = {
    "x86_64": ("amd64", {bpf.X86_64: "x86_64", bpf.X86: "x86"}),
    "aarch64": ("arm64", {bpf.AARCH64: "aarch64", bpf.ARM: "arm"}),
}


def data(name: str) -> Any:
    """Return a data file of the package."""
    folder = resources.files("docker_magics.embedded.runtime")
    return json.loads(folder.joinpath(name).read_text(encoding="utf-8"))


PROFILE, NUMBERS = data("seccomp_default.json"), data("seccomp_numbers.json")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Pretend that the machine is an x86_64 with Linux 6.1."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.release", lambda: "6.1.0-13-amd64")
    cached = (seccomp.is_supported, seccomp.ownership_filter, seccomp.new_calls_filter)
    for function in cached:
        function.cache_clear()
    yield monkeypatch
    for function in cached:
        function.cache_clear()


def program(filter_: Filter | None) -> bytes:
    """Return the program of a filter."""
    assert filter_ is not None
    return filter_.program


def default(caps: Collection[str] = capabilities.DEFAULT) -> bytes:
    """Return the program of the default filter."""
    return program(seccomp.default(caps))


def custom(**profile: Any) -> bytes:
    """Return the program of a profile."""
    return program(seccomp.custom(profile, capabilities.DEFAULT))


# --- the default: a plain reading of Docker's profile, for every call and every capability


def holds(arguments: Sequence[dict[str, Any]], given: Sequence[int], *, is_int: bool) -> bool:
    """Whether a rule's conditions hold."""
    operators = {
        "SCMP_CMP_LT": lambda value, rule: value < rule["value"],
        "SCMP_CMP_EQ": lambda value, rule: value == rule["value"],
        "SCMP_CMP_GT": lambda value, rule: value > rule["value"],
        "SCMP_CMP_MASKED_EQ": lambda value, rule: (value & rule["value"]) == 0,
    }
    mask = 0xFFFFFFFF if is_int else ~0
    return all(operators[rule["op"]](given[rule["index"]] & mask, rule) for rule in arguments)


def is_allowed(name: str, caps: Collection[str], machine: str, given: Sequence[int]) -> bool:
    """Whether Docker's profile allows a call."""
    for rule in PROFILE["syscalls"]:
        includes, excludes = rule.get("includes", {}), rule.get("excludes", {})
        if (
            name in rule["names"]
            and rule["action"] == "SCMP_ACT_ALLOW"
            and all(cap.removeprefix("CAP_") in caps for cap in includes.get("caps", ()))
            and machine in includes.get("arches", [machine])
            and not any(cap.removeprefix("CAP_") in caps for cap in excludes.get("caps", ()))
            and machine not in excludes.get("arches", ())
            and holds(rule.get("args", ()), given, is_int=name == "socket")
        ):
            return True
    return False


ARGUMENTS = {
    "socket": (AF_UNIX, AF_ALG, 39, AF_VSOCK, AF_KCM, AF_XDP, (1 << 32) + AF_VSOCK),
    "personality": (0, 8, 1, 0x20000, 0x20008, 0x40000, 0xFFFFFFFF, (1 << 32) + 8),
    "clone": (SIGCHLD, CLONE_NEWUSER | SIGCHLD, CLONE_NEWNS, 0x3D0F00, (1 << 32) + CLONE_NEWNS),
}
CAPS = [
    frozenset(),
    capabilities.DEFAULT,
    frozenset(capabilities.NAMES),
    *(capabilities.DEFAULT | {name} for name in capabilities.NAMES),
    *(capabilities.DEFAULT - {name} for name in sorted(capabilities.DEFAULT)),
]


@pytest.mark.parametrize("native", MACHINES)
def test_every_call_with_every_capability(native: str, machine: pytest.MonkeyPatch) -> None:
    machine.setattr("platform.machine", lambda: native)
    go_name, architectures = MACHINES[native]
    for caps in CAPS:
        code = default(caps)
        for arch, column in architectures.items():
            at = NUMBERS["columns"].index(column)
            names = {call[at]: call[0] for call in NUMBERS["calls"] if call[at] is not None}
            for number in range(max(number for number in names if number < 1000) + 1):
                name = names.get(number, "")
                for given in ARGUMENTS.get(name, (0,)):
                    result = bpf.run(code, Call(number, arch, (given,)))
                    allowed = is_allowed(name, caps, go_name, (given,))
                    assert (result == ALLOW) == allowed, (name, arch, caps, given)


def test_the_data_is_docker_s() -> None:
    assert "Apache-2.0" in PROFILE["source"]
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"
    assert len(PROFILE["syscalls"]) > 30
    numbers = {call[0]: tuple(call[1:]) for call in NUMBERS["calls"]}
    # source: linux/arch/x86/entry/syscalls, include/uapi/asm-generic/unistd.h, arch/arm/tools
    assert numbers["mount"] == (165, 21, 40, 21)
    assert numbers["clone3"] == (435,) * 4
    assert numbers["chown32"] == (None, 212, None, 212)


@pytest.mark.parametrize("number", [MOUNT, REBOOT, UNSHARE, BPF])
def test_denied_calls_fail_with_eperm(number: int) -> None:
    assert bpf.run(default(), Call(number)) == DENIED


def test_calls_that_are_newer_than_the_list_do_not_exist() -> None:
    assert bpf.run(default(), Call(NOT_YET)) == MISSING
    assert bpf.run(default(), Call(NOT_YET, bpf.X86)) == MISSING


def test_a_capability_allows_no_other_calls() -> None:
    code = default({"SYS_BOOT"})
    assert bpf.run(code, Call(REBOOT)) == ALLOW
    assert bpf.run(code, Call(MOUNT)) == DENIED


def test_clone_may_not_create_namespaces() -> None:
    for flag in (CLONE_NEWUSER, CLONE_NEWNS):
        assert bpf.run(default(), Call(CLONE, arguments=(flag | SIGCHLD,))) == DENIED
    assert bpf.run(default(), Call(CLONE3)) == MISSING
    code = default({"SYS_ADMIN"})
    assert bpf.run(code, Call(CLONE, arguments=(CLONE_NEWUSER | SIGCHLD,))) == ALLOW
    assert bpf.run(code, Call(CLONE3)) == ALLOW


def test_a_family_of_sockets_cannot_be_hidden_in_the_upper_half() -> None:
    for family in (AF_ALG, AF_VSOCK):
        for upper in (0, 1, 0xFFFFFFFF):
            call = Call(SOCKET, arguments=((upper << 32) + family,))
            assert bpf.run(default(), call) == DENIED


def test_old_kernels_have_no_ptrace(machine: pytest.MonkeyPatch) -> None:
    ptrace = 101
    assert bpf.run(default(), Call(ptrace)) == ALLOW
    machine.setattr("platform.release", lambda: "4.7.10")
    assert bpf.run(default(), Call(ptrace)) == DENIED
    assert bpf.run(default({"SYS_PTRACE"}), Call(ptrace)) == ALLOW


def test_x32_calls_do_not_bypass_the_filter() -> None:
    allowing = custom(defaultAction="SCMP_ACT_ALLOW", architectures=["SCMP_ARCH_X32"])
    for code, number in itertools.product(
        (default(), allowing), (READ, MOUNT, UNSHARE, 0x3FFFFFFF, 0xBFFFFFFF)
    ):
        assert bpf.run(code, Call(0x40000000 + number)) == MISSING


def test_calls_of_another_architecture_kill() -> None:
    assert bpf.run(default(), Call(READ, bpf.AARCH64)) == KILL
    assert bpf.run(custom(defaultAction="SCMP_ACT_ALLOW"), Call(3, bpf.X86)) == KILL


# --- profiles of users


def test_the_first_rule_without_conditions_stands_alone() -> None:
    rules = [
        {"names": ["mount"], "action": "SCMP_ACT_KILL", "args": [eq(0, 5)]},
        {"names": ["mount", "reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99},
        {"names": ["mount"], "action": "SCMP_ACT_TRAP"},
    ]
    code = custom(defaultAction="SCMP_ACT_ALLOW", syscalls=rules)
    assert bpf.run(code, Call(MOUNT, arguments=(5,))) == ERRNO | 99
    assert bpf.run(code, Call(REBOOT)) == ERRNO | 99
    assert bpf.run(code, Call(READ)) == ALLOW
    assert bpf.run(code, Call(NOT_YET)) == ALLOW


def eq(index: int, value: int) -> dict[str, Any]:
    """Return a condition."""
    return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}


def test_conditions_on_several_arguments_hold_together() -> None:
    rules = [{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [eq(0, 1), eq(3, 2)]}]
    code = custom(defaultAction="SCMP_ACT_KILL_PROCESS", syscalls=rules)
    assert bpf.run(code, Call(MOUNT, arguments=(1, 0, 0, 2))) == ALLOW
    for arguments in ((1, 0, 0, 3), (0, 0, 0, 2)):
        assert bpf.run(code, Call(MOUNT, arguments=arguments)) == KILL


def test_conditions_on_one_argument_are_alternatives() -> None:
    rules = [{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [eq(0, 1), eq(0, 2)]}]
    code = custom(defaultAction="SCMP_ACT_LOG", syscalls=rules)
    results = [bpf.run(code, Call(MOUNT, arguments=(value,))) for value in (1, 2, 3)]
    assert results == [ALLOW, ALLOW, bpf.LOG]


def test_many_rules_of_one_call_stay_small() -> None:
    rules = [
        {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [eq(0, 2 * value)]}
        for value in range(300)
    ]
    code = custom(defaultAction="SCMP_ACT_ERRNO", syscalls=rules)
    assert [bpf.run(code, Call(MOUNT, arguments=(n,))) for n in (598, 599)] == [ALLOW, DENIED]


def test_a_program_that_the_kernel_would_reject_is_refused() -> None:
    rules = [
        {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [eq(0, value)]}
        for value in range(3000)
    ]
    with pytest.raises(ApiError, match="unable to init seccomp: error loading seccomp filter"):
        custom(defaultAction="SCMP_ACT_ERRNO", syscalls=rules)


def test_a_profile_without_rules() -> None:
    assert seccomp.custom({}, ()) is None
    assert bpf.run(custom(defaultAction="SCMP_ACT_ERRNO"), Call(NOT_YET)) == DENIED


# --- emulation, and what a machine supports


def test_fake_ownership_answers_success() -> None:
    code = program(seccomp.ownership_filter())
    chown32 = 212
    for call in (Call(CHOWN), Call(SETUID), Call(chown32, bpf.X86)):
        assert bpf.run(code, call) == FAKED
    for number in (MOUNT, READ, NOT_YET):
        assert bpf.run(code, Call(number)) == ALLOW


def test_pipes_are_made_where_devices_only_appear_to_be() -> None:
    code = program(seccomp.ownership_filter())
    kinds = {stat.S_IFCHR: FAKED, stat.S_IFBLK: FAKED, stat.S_IFIFO: ALLOW, stat.S_IFSOCK: ALLOW}
    for kind, expected in {**kinds, 0: ALLOW}.items():
        assert bpf.run(code, Call(MKNOD, arguments=(0, kind | 0o644))) == expected
        assert bpf.run(code, Call(MKNODAT, arguments=(0, 0, kind | 0o644))) == expected


def test_new_calls_can_be_hidden() -> None:
    code = program(seccomp.new_calls_filter())
    assert bpf.run(code, Call(OPENAT2)) == MISSING
    assert [bpf.run(code, Call(number)) for number in (MOUNT, CLONE3)] == [ALLOW, ALLOW]


def test_calls_can_be_allowed_whatever_the_profile_says() -> None:
    code = program(seccomp.default(capabilities.DEFAULT, {"clone3"}))
    assert bpf.run(code, Call(CLONE3)) == ALLOW
    others = [bpf.run(code, Call(number)) for number in (MOUNT, OPENAT2)]
    plain = program(seccomp.default(capabilities.DEFAULT))
    assert others == [bpf.run(plain, Call(number)) for number in (MOUNT, OPENAT2)]
    assert bpf.run(plain, Call(CLONE3)) == MISSING


def test_filters_are_installed(machine: pytest.MonkeyPatch) -> None:
    installed: list[tuple[bytes, int]] = []
    machine.setattr(syscalls, "install_filter", lambda code, flags: installed.append((code, flags)))
    seccomp.install(None)
    seccomp.install(Filter(b"12345678", 2).as_spec())
    seccomp.fake_ownership()
    seccomp.hide_new_calls()
    assert installed[0] == (b"12345678", 2)
    assert [code for code, _ in installed[1:]] == [
        program(seccomp.ownership_filter()),
        program(seccomp.new_calls_filter()),
    ]
    assert base64.b64decode(Filter(b"x", 0).as_spec()["program"]) == b"x"


def test_other_machines_have_no_filters(machine: pytest.MonkeyPatch) -> None:
    machine.setattr("platform.machine", lambda: "riscv64")
    assert not seccomp.is_supported()
    seccomp.fake_ownership()
    seccomp.hide_new_calls()


@pytest.mark.parametrize(("number", "expected"), [(errno.EFAULT, True), (errno.EINVAL, False)])
def test_the_kernel_is_asked(machine: pytest.MonkeyPatch, number: int, *, expected: bool) -> None:
    def refuse(*_arguments: int) -> int:
        raise OSError(number, "")

    machine.setattr(syscalls, "prctl", refuse)
    assert seccomp.is_supported() is expected
