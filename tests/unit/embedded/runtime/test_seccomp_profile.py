"""Profiles in Docker's format: what applies to a container, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from unit.embedded.runtime.bpf import ALLOW, ERRNO, KILL, KILL_THREAD, LOG, TRACE, TRAP

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.runtime import seccomp_profile
from docker_magics.embedded.runtime.process import RUNC_CREATE
from docker_magics.embedded.runtime.seccomp_profile import Rules

CREATE = f"{RUNC_CREATE}: "
START = f"{CREATE}unable to start container process: "
CONDITION = f"{START}error creating seccomp syscall condition for syscall mkdir"
BOTH = "both '{0}' and '{1}' are specified in the seccomp profile, use either '{0}' or '{1}'"
KERNEL = 'expected "<kernel>.<major>"'
MKDIR = {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}


def rules_of(
    caps: tuple[str, ...] = (), machine: str = "x86_64", kernel: str = "6.1.2", **profile: Any
) -> Rules:
    """Return the rules of a profile."""
    document = {"defaultAction": "SCMP_ACT_ALLOW", **profile}
    rules = seccomp_profile.rules_of(document, caps, machine, kernel)
    assert rules is not None
    return rules


def names(**fields: Any) -> list[str]:
    """Return the names of the rules that apply, if one rule has these fields."""
    caps, machine = fields.pop("given", ()), fields.pop("machine", "x86_64")
    kernel = fields.pop("kernel", "6.1.2")
    rules = rules_of(caps, machine, kernel, syscalls=[MKDIR | fields])
    return [rule.name for rule in rules.rules]


@pytest.mark.parametrize(
    ("fields", "applies"),
    [
        ({}, True),
        ({"includes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}}, False),
        ({"includes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}, "given": ("BPF",)}, False),
        ({"includes": {"caps": ["CAP_SYS_ADMIN"]}, "given": ("SYS_ADMIN",)}, True),
        ({"includes": {"caps": ["SYS_ADMIN"]}, "given": ("SYS_ADMIN",)}, False),
        ({"excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}, "given": ("BPF",)}, False),
        ({"excludes": {"caps": ["CAP_SYS_ADMIN"]}}, True),
        ({"includes": {"arches": ["amd64", "x32"]}}, True),
        ({"includes": {"arches": ["amd64"]}, "machine": "aarch64"}, False),
        ({"excludes": {"arches": ["arm64"]}, "machine": "aarch64"}, False),
        ({"includes": {"minKernel": "4.8"}}, True),
        ({"includes": {"minKernel": "4.8"}, "kernel": "4.10.0-x"}, True),
        ({"includes": {"minKernel": "4.8"}, "kernel": "4.7"}, False),
        ({"excludes": {"minKernel": "6.1"}}, False),
        ({"excludes": {"minKernel": "6.2"}}, True),
    ],
)
def test_conditions_of_rules(fields: dict[str, Any], *, applies: bool) -> None:
    assert names(**fields) == (["mkdir"] if applies else [])


def test_results_of_actions() -> None:
    actions = {
        "KILL": KILL_THREAD, "KILL_THREAD": KILL_THREAD, "KILL_PROCESS": KILL, "TRAP": TRAP,
        "ERRNO": ERRNO | 1, "TRACE": TRACE | 1, "LOG": LOG, "ALLOW": ALLOW,
    }  # fmt: skip
    for action, result in actions.items():
        assert rules_of(defaultAction=f"SCMP_ACT_{action}").default == result
    assert rules_of(defaultAction="SCMP_ACT_ERRNO", defaultErrnoRet=38).default == ERRNO | 38
    (rule,) = rules_of(syscalls=[MKDIR | {"errnoRet": 0}]).rules
    assert rule.result == ERRNO


def test_architectures() -> None:
    arch_map = [
        {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
        {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": None},
    ]
    assert not rules_of().runs_32_bit
    assert rules_of(architectures=["SCMP_ARCH_X86"]).runs_32_bit
    assert not rules_of(architectures=["SCMP_ARCH_ARM"]).runs_32_bit
    assert not rules_of(archMap=arch_map).runs_32_bit
    assert rules_of(archMap=arch_map, machine="aarch64").runs_32_bit


def test_flags() -> None:
    assert rules_of().flags == 4
    assert rules_of(flags=[]).flags == 0
    assert rules_of(flags=["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"]).flags == 2


def test_an_empty_profile_filters_nothing() -> None:
    assert seccomp_profile.rules_of({"syscalls": []}, (), "x86_64", "6.1") is None


def test_old_profiles_have_a_name_in_each_rule() -> None:
    assert names(names=[], name="open") == ["open"]


def condition(**fields: Any) -> dict[str, Any]:
    """Return a profile with a rule that has one condition."""
    base = {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}
    return {"syscalls": [MKDIR | {"args": [base | fields]}]}


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({"defaultAction": "NOPE"}, f"{CREATE}string NOPE is not a valid action for seccomp"),
        ({"defaultAction": ""}, f"{CREATE}string  is not a valid action for seccomp"),
        (
            {"syscalls": [MKDIR | {"action": "SCMP_ACT_NOPE"}]},
            f"{CREATE}string SCMP_ACT_NOPE is not a valid action for seccomp",
        ),
        (
            {"architectures": ["SCMP_ARCH_FOO"]},
            f"{CREATE}string SCMP_ARCH_FOO is not a valid arch for seccomp",
        ),
        ({"flags": ["NOPE"]}, f"{CREATE}seccomp flag NOPE is not known to runc"),
        (condition(op="NOPE"), f"{CREATE}string NOPE is not a valid operator for seccomp"),
        (condition(op="EQ"), f"{CREATE}string EQ is not a valid operator for seccomp"),
        (
            condition(index=9),
            f"{CONDITION}: syscalls only have up to 6 arguments (9 given)",
        ),
        ({"syscalls": [MKDIR | {"names": [""]}]}, f"{START}empty string is not a valid syscall"),
        ({"defaultAction": "SCMP_ACT_NOTIFY"}, f"{START}seccomp listenerPath is not set"),
    ],
)
def test_what_runc_refuses(profile: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        rules_of(**{"syscalls": [MKDIR], **profile})
    assert str(caught.value) == f"{message}: unknown"


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        (
            {"architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "x"}]},
            BOTH.format("architectures", "archMap"),
        ),
        (
            {"syscalls": [MKDIR | {"name": "mkdir"}]},
            BOTH.format("name", "names"),
        ),
        (
            {"syscalls": [MKDIR | {"includes": {"minKernel": "x"}}]},
            'Decoding seccomp profile failed: invalid kernel version: "x", ' + KERNEL,
        ),
    ],
)
def test_what_dockerd_refuses(profile: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        rules_of(**profile)
    assert str(caught.value) == message
