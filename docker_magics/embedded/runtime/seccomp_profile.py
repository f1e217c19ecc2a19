"""Seccomp profiles in Docker's format: which rules apply to a container.

The default one is seccomp_default.json, Docker's allow-list; `--security-opt seccomp=FILE` has
another. Docker's conditions (capabilities, architecture, kernel) are moby's part, actions and
comparisons runc's: each refuses what is invalid in its own words.

source: moby profiles/seccomp/seccomp_linux.go; OCI runtime specification, config-linux.md, Seccomp;
runc libcontainer/seccomp.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import ApiError
from . import bpf
from .process import RUNC_CREATE, runc_message

#: `docker info` and moby name architectures as Go does.
_GO_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
_NATIVE = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
#: The 32-bit architecture that a machine runs too.
_COMPATIBLE = {"x86_64": "SCMP_ARCH_X86", "aarch64": "SCMP_ARCH_ARM"}
_ARCHITECTURES = {
    f"SCMP_ARCH_{name}"
    for name in (
        *("X86", "X86_64", "X32", "ARM", "AARCH64", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL"),
        *("MIPSEL64", "MIPSEL64N32", "PPC", "PPC64", "PPC64LE", "RISCV64", "S390", "S390X"),
        "LOONGARCH64",
    )
}
_ACTIONS = {
    "SCMP_ACT_KILL": bpf.KILL_THREAD,
    "SCMP_ACT_KILL_THREAD": bpf.KILL_THREAD,
    "SCMP_ACT_KILL_PROCESS": bpf.KILL_PROCESS,
    "SCMP_ACT_TRAP": bpf.TRAP,
    "SCMP_ACT_ERRNO": bpf.ERRNO,
    "SCMP_ACT_TRACE": bpf.TRACE,
    "SCMP_ACT_LOG": bpf.LOG,
    "SCMP_ACT_ALLOW": bpf.ALLOW,
}
_NOTIFY = "SCMP_ACT_NOTIFY"
_OPERATORS = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"}
#: Flags of seccomp(2). TSYNC is without effect, as the process has one thread.
_FLAGS = {
    "SECCOMP_FILTER_FLAG_TSYNC": 0,
    "SECCOMP_FILTER_FLAG_LOG": 2,
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 4,
}
_SPEC_ALLOW = 4
_ARGUMENTS = 6
_KERNEL = re.compile(r"(\d{1,3})\.(\d{1,3})")


class Condition(NamedTuple):
    """A comparison of an argument; of MASKED_EQ, `value` is the mask, `second` the result."""

    argument: int
    operator: str
    value: int
    second: int


class Rule(NamedTuple):
    """The result of a call, as the filter returns it, where all conditions hold."""

    name: str
    result: int
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Rules:
    """The rules of one container.

    Attributes:
        default: the result of the calls without a rule.
        rules: the rules, in the profile's order.
        runs_32_bit: whether programs of the machine's 32-bit architecture run.
        flags: for seccomp(2).
    """

    default: int
    rules: tuple[Rule, ...]
    runs_32_bit: bool = True
    flags: int = _SPEC_ALLOW


def rules_of(
    profile: Mapping[str, Any], caps: Collection[str], machine: str, kernel: str
) -> Rules | None:
    """Return the rules that a profile has for a container; None if it filters nothing.

    Args:
        profile: the JSON document; its fields have the types of Docker's format.
        caps: the container's capabilities, without `CAP_`.
        machine: the architecture, as uname(2) has it.
        kernel: the release, as uname(2) has it.

    Raises:
        ApiError: the profile is contradictory or has an unknown value.
    """
    calls: list[Mapping[str, Any]] = profile.get("syscalls") or []
    if not profile.get("defaultAction") and not calls:
        return None
    architectures = _architectures(profile, machine)
    selected = [
        (call, _names(call)) for call in calls if _applies(call, caps, _GO_NAMES[machine], kernel)
    ]
    flags = _flags(profile.get("flags"))
    for name in architectures - _ARCHITECTURES:
        raise _refused(f"string {name} is not a valid arch for seccomp")
    default = _result(profile.get("defaultAction") or "", profile.get("defaultErrnoRet"))
    rules = [rule for call, names in selected for rule in _rules(call, names)]
    return Rules(default, tuple(rules), _COMPATIBLE[machine] in architectures, flags)


def _architectures(profile: Mapping[str, Any], machine: str) -> set[str]:
    names, by_native = profile.get("architectures") or [], profile.get("archMap") or []
    if names and by_native:
        raise ApiError(
            "both 'architectures' and 'archMap' are specified in the seccomp profile, use either"
            " 'architectures' or 'archMap'"
        )
    for entry in by_native:
        if entry.get("architecture") == _NATIVE[machine]:
            return {_NATIVE[machine], *(entry.get("subArchitectures") or ())}
    return set(names)


def _names(call: Mapping[str, Any]) -> list[str]:
    names: list[str] = call.get("names") or []
    if name := call.get("name"):
        if names:
            raise ApiError(
                "both 'name' and 'names' are specified in the seccomp profile, use either 'name'"
                " or 'names'"
            )
        return [name]
    return names


def _applies(call: Mapping[str, Any], caps: Collection[str], machine: str, kernel: str) -> bool:
    """Whether a rule's conditions on the container and the machine hold."""
    excludes, includes = call.get("excludes") or {}, call.get("includes") or {}
    excluded = (
        machine in (excludes.get("arches") or ())
        or any(_has(caps, name) for name in excludes.get("caps") or ())
        or _is_since(excludes.get("minKernel"), kernel) is True
    )
    included = (
        machine in (includes.get("arches") or (machine,))
        and all(_has(caps, name) for name in includes.get("caps") or ())
        and _is_since(includes.get("minKernel"), kernel) is not False
    )
    return included and not excluded


def _has(caps: Collection[str], name: str) -> bool:
    return name.startswith("CAP_") and name[4:] in caps


def _is_since(version: str | None, kernel: str) -> bool | None:
    """Whether the kernel is of this version or newer; None where none is given."""
    if not version:
        return None
    match = _KERNEL.fullmatch(version)
    if match is None or version == "0.0":
        expected = 'expected "<kernel>.<major>"'
        reason = f"invalid kernel version: {json.dumps(version)}, {expected}"
        raise ApiError(f"Decoding seccomp profile failed: {reason}")
    running = _KERNEL.match(kernel)
    return running is not None and _numbers(running) >= _numbers(match)


def _numbers(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2])


def _flags(names: list[str] | None) -> int:
    if names is None:
        return _SPEC_ALLOW
    for name in names:
        if name not in _FLAGS:
            raise _refused(f"seccomp flag {name} is not known to runc")
    return sum({_FLAGS[name] for name in names})


def _result(action: str, errno_ret: int | None) -> int:
    if action == _NOTIFY:
        raise ApiError(runc_message(RUNC_CREATE, "seccomp listenerPath is not set"))
    if action not in _ACTIONS:
        raise _refused(f"string {action} is not a valid action for seccomp")
    result = _ACTIONS[action]
    if result in {bpf.ERRNO, bpf.TRACE}:
        result |= errno.EPERM if errno_ret is None else errno_ret & 0xFFFF
    return result


def _rules(call: Mapping[str, Any], names: list[str]) -> Iterator[Rule]:
    result = _result(call.get("action") or "", call.get("errnoRet"))
    conditions = [_condition(argument) for argument in call.get("args") or ()]
    for name in names:
        if not name:
            message = "empty string is not a valid syscall"
            raise ApiError(runc_message(RUNC_CREATE, message))
        for condition in conditions:
            if not 0 <= condition.argument < _ARGUMENTS:
                doing = f"error creating seccomp syscall condition for syscall {name}"
                reason = f"syscalls only have up to {_ARGUMENTS} arguments"
                message = f"{doing}: {reason} ({condition.argument} given)"
                raise ApiError(runc_message(RUNC_CREATE, message))
        if len({condition.argument for condition in conditions}) == len(conditions):
            yield Rule(name, result, tuple(conditions))
        else:  # as in runc, each of several conditions on one argument is a rule
            yield from (Rule(name, result, (condition,)) for condition in conditions)


def _condition(argument: Mapping[str, Any]) -> Condition:
    operator = argument.get("op") or ""
    name = operator.removeprefix("SCMP_CMP_")
    if not operator.startswith("SCMP_CMP_") or name not in _OPERATORS:
        raise _refused(f"string {operator} is not a valid operator for seccomp")
    return Condition(
        argument.get("index") or 0, name, argument.get("value") or 0, argument.get("valueTwo") or 0
    )


def _refused(reason: str) -> ApiError:
    return ApiError(f"{RUNC_CREATE}: {reason}: unknown")
