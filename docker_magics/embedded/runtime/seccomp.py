"""Seccomp filters: a profile's rules for a container, and calls that only appear to succeed.

Without another profile, a container may make the system calls of Docker's default allow-list
(seccomp_default.json); the others fail with EPERM, or with ENOSYS if they are newer than the list.

Programs of the machine's 32-bit architecture (x86 on x86_64, arm on aarch64) run where the profile
lists it, as Docker's does, with the same rules under that architecture's numbers. As in Docker, x86
programs reach every kind of socket through socketcall(2), whose arguments a filter cannot read:
without it, 32-bit glibc has no network. The x32 ABI fails with ENOSYS, although Docker's profile
lists it: hardly a kernel or a program supports it, and it has each call a second time. A call of
any other architecture ends the process.

With one mapped user ID, chown, setuid and similar calls fail, and with them apt, adduser and many
entrypoints. A second filter answers 0 to them without executing them, as Charliecloud's builds do.

source: seccomp(2); linux/audit.h for the architectures; runc libcontainer/seccomp, and patchbpf for
ENOSYS; libseccomp for what a profile's rules mean.
"""

from __future__ import annotations

import base64
import errno
import functools
import json
import platform
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, NamedTuple

from .. import syscalls
from ..errors import ApiError
from . import bpf
from .process import RUNC_CREATE, runc_message
from .seccomp_profile import Condition, Rule, Rules, rules_of
from .spec import FilterSpec

_AUDIT_ARCH = {"x86_64": 0xC000003E, "x86": 0x40000003, "aarch64": 0xC00000B7, "arm": 0x40000028}
#: machine -> the architectures that it runs.
_RUNS = {"x86_64": ("x86_64", "x86"), "aarch64": ("aarch64", "arm")}
#: The x32 ABI: x86_64's system calls again under other numbers.
_X32 = 0x40000000
_NO_CALL = bpf.ERRNO | errno.ENOSYS
#: Profiles with these actions for other calls allow those that are newer than the profile too.
_PERMISSIVE = {bpf.ALLOW, bpf.LOG, bpf.TRACE}
#: Arguments of which the kernel reads 32 bits, as (name of the call, index): with 64 bits compared,
#: 2**32 + AF_VSOCK would pass as a family above it.
_INTS = {("socket", 0)}
_OWNERSHIP_CALLS = (
    "chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32",
    "setuid", "setgid", "setreuid", "setregid", "setgroups", "setresuid", "setresgid",
    "setuid32", "setgid32", "setreuid32", "setregid32", "setgroups32", "setresuid32",
    "setresgid32", "setfsuid", "setfsgid", "setfsuid32", "setfsgid32", "capset",
)  # fmt: skip
#: Calls that make a device, or a pipe or a socket, which anybody may -> which argument says so.
_DEVICE_CALLS = {"mknod": 1, "mknodat": 2}
_FILE_TYPE = stat.S_IFMT(0xFFFF)
#: Calls that take paths and are newer than proot 5.1, which would let them see the host's files.
_NEW_CALLS = ("renameat2", "execveat", "statx", "openat2", "faccessat2", "fchmodat2")


class Filter(NamedTuple):
    """A program, 8 bytes an instruction (struct sock_filter), and the flags of seccomp(2)."""

    program: bytes
    flags: int

    def as_spec(self) -> FilterSpec:
        """Return it for the specification of a process."""
        return {"program": base64.b64encode(self.program).decode(), "flags": self.flags}


def install(spec: FilterSpec | None) -> None:
    """Install the filter of a process's specification, if it has one.

    Raises:
        OSError: the kernel rejects it.
    """
    if spec is not None:
        syscalls.install_filter(base64.b64decode(spec["program"]), spec["flags"])


def fake_ownership() -> None:
    """Answer 0 to the calls that fail with one mapped user ID, instead of executing them.

    Install the container's own filter later: what both answer is the later one's decision.

    Raises:
        OSError: the kernel rejects the filter.
    """
    _install(ownership_filter())


def hide_new_calls() -> None:
    """Hide the calls that kernels before 2014 lack, so that programs fall back to older ones.

    Raises:
        OSError: the kernel rejects the filter.
    """
    _install(new_calls_filter())


def _install(filter_: Filter | None) -> None:
    if filter_ is not None:
        syscalls.install_filter(filter_.program, filter_.flags)


@functools.cache
def is_supported() -> bool:
    """Whether this machine's kernel has filters, and their numbers are known here."""
    if platform.machine() not in _RUNS:
        return False
    try:  # as dockerd tries it: the kernel reads the program only if it knows the mode
        syscalls.prctl(syscalls.PR_SET_SECCOMP, syscalls.SECCOMP_MODE_FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT
    return False


def default(caps: Collection[str], always_allowed: Collection[str] = frozenset()) -> Filter | None:
    """Return Docker's default filter for a container; see `custom`."""
    return custom(_data("seccomp_default.json"), caps, always_allowed)


def custom(
    profile: Mapping[str, Any],
    caps: Collection[str],
    always_allowed: Collection[str] = frozenset(),
) -> Filter | None:
    """Return the filter of a profile for a container; None if it filters nothing.

    Args:
        profile: a document in Docker's format.
        caps: the container's capabilities, without `CAP_`.
        always_allowed: the names of calls that are allowed whatever the profile says.

    Raises:
        ApiError: the profile is invalid.
    """
    machine = platform.machine()
    rules = rules_of(profile, caps, machine, platform.release())
    if rules is None:
        return None
    others = (rule for rule in rules.rules if rule.name not in always_allowed)
    allowed = (Rule(name, bpf.ALLOW) for name in always_allowed)
    rules = replace(rules, rules=(*others, *allowed))
    program = _compile(rules, _RUNS[machine] if rules.runs_32_bit else _RUNS[machine][:1])
    if len(program) // 8 > bpf.MAX_INSTRUCTIONS:
        reason = "error loading seccomp filter into kernel: invalid argument"
        raise ApiError(runc_message(RUNC_CREATE, f"unable to init seccomp: {reason}"))
    return Filter(program, rules.flags)


@functools.cache
def ownership_filter() -> Filter | None:
    """Return the filter that answers 0 to calls that fail with one mapped user ID."""
    devices = (
        Rule(name, bpf.ERRNO, (Condition(argument, "MASKED_EQ", _FILE_TYPE, kind),))
        for name, argument in _DEVICE_CALLS.items()
        for kind in (stat.S_IFCHR, stat.S_IFBLK)
    )
    return _filter(*(Rule(name, bpf.ERRNO) for name in _OWNERSHIP_CALLS), *devices)


@functools.cache
def new_calls_filter() -> Filter | None:
    """Return the filter that answers ENOSYS to the calls that kernels before 2014 lack."""
    return _filter(*(Rule(name, bpf.ERRNO | errno.ENOSYS) for name in _NEW_CALLS))


def _filter(*rules: Rule) -> Filter | None:
    """Return the filter that allows all other calls."""
    machine = platform.machine()
    if machine not in _RUNS:
        return None
    others_allowed = Rules(bpf.ALLOW, rules)
    return Filter(_compile(others_allowed, _RUNS[machine]), others_allowed.flags)


def _data(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _compile(rules: Rules, architectures: Sequence[str]) -> bytes:
    numbers = _data("seccomp_numbers.json")
    assembler = bpf.Assembler()
    label = assembler.answer(bpf.KILL_PROCESS)
    for architecture in reversed(architectures):
        column = numbers["columns"].index(architecture)
        number_of = {call[0]: call[column] for call in numbers["calls"] if call[column] is not None}
        calls = assembler.search(_intervals(assembler, rules, architecture, number_of))
        calls = assembler.load(bpf.NUMBER_AT, calls)
        label = assembler.test(bpf.EQUAL, _AUDIT_ARCH[architecture], calls, label)
    assembler.load(bpf.ARCH_AT, label)
    return assembler.program()


def _intervals(
    assembler: bpf.Assembler, rules: Rules, architecture: str, number_of: Mapping[str, int]
) -> list[tuple[int, bpf.Label]]:
    """Return the first number of each range of calls with one result, and where it is decided."""
    chains: dict[int, list[Rule]] = {}
    for rule in rules.rules:
        if rule.name in number_of:
            chains.setdefault(number_of[rule.name], []).append(rule)
    results = {rules.default, *(rule.result for rule in rules.rules), _NO_CALL}
    answers = {result: assembler.answer(result) for result in results}
    default = answers[rules.default]
    starts = {0: default}
    for number, chain in sorted(chains.items()):
        starts[number] = _decide(assembler, chain, rules.default, answers)
        starts[number + 1] = default
    if chains and rules.default & bpf.ACTION not in _PERMISSIVE:
        starts[max(chains) + 1] = answers[_NO_CALL]
    if architecture == "x86_64":
        starts[_X32] = answers[_NO_CALL]
    intervals = sorted(starts.items())
    return [
        interval
        for before, interval in zip([(0, -1), *intervals], intervals, strict=False)
        if before[1] != interval[1]
    ]


def _decide(
    assembler: bpf.Assembler, chain: Sequence[Rule], default: int, answers: Mapping[int, bpf.Label]
) -> bpf.Label:
    """Add the tests of the rules of one call; the first rule without a condition stands alone."""
    chain = [rule for rule in chain if rule.result != default]
    for rule in chain:
        if not rule.conditions:
            return answers[rule.result]
    label = answers[default]
    for rule in reversed(chain):
        yes, no = answers[rule.result], label
        for condition in reversed(rule.conditions):
            yes = _test(assembler, rule.name, condition, yes, no)
        label = yes
    return label


def _test(
    assembler: bpf.Assembler, name: str, condition: Condition, yes: bpf.Label, no: bpf.Label
) -> bpf.Label:
    argument, operator, value, second = condition
    if operator == "MASKED_EQ":
        return assembler.compare_masked(argument, value, second, yes, no)
    is_int = (name, argument) in _INTS and value < 1 << 32
    return assembler.compare(argument, operator, value, yes, no, bits=32 if is_int else 64)
