"""The security options of a container."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docker_magics.embedded.containers import security
from docker_magics.embedded.containers.security import SecurityOptions
from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.records import defaults
from docker_magics.embedded.runtime import capabilities, seccomp

APPARMOR = "unable to apply apparmor profile"
DECODING = "Decoding seccomp profile failed: "


def filter_of(*options: str, needed: frozenset[str] = frozenset(), **fields: Any) -> Any:
    """Return the filter of a container with these options."""
    host_config: Any = {**defaults.HOST_CONFIG, "SecurityOpt": list(options), **fields}
    return security.filter_of(host_config, needed)


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (None, SecurityOptions()),
        (["no-new-privileges"], SecurityOptions(no_new_privileges=True)),
        (["no-new-privileges:true"], SecurityOptions(no_new_privileges=True)),
        (["no-new-privileges=1"], SecurityOptions(no_new_privileges=True)),
        (["no-new-privileges", "no-new-privileges=false"], SecurityOptions()),
        (["no-new-privileges:0"], SecurityOptions()),
        (["seccomp=unconfined"], SecurityOptions(seccomp="unconfined")),
        (["seccomp:unconfined"], SecurityOptions(seccomp="unconfined")),
        (['seccomp={"a":"b=c"}'], SecurityOptions(seccomp='{"a":"b=c"}')),
        (["writable-cgroups"], SecurityOptions(writable_cgroups=True)),
        (["writable-cgroups=true"], SecurityOptions(writable_cgroups=True)),
        (["writable-cgroups=false"], SecurityOptions()),
        (["apparmor=unconfined", "label=disable", "label:type:x", "disable"], SecurityOptions()),
    ],
)
def test_options(options: list[str] | None, values: SecurityOptions) -> None:
    assert security.parse(options) == values


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("word", 'invalid --security-opt 1: "word"'),
        ("", 'invalid --security-opt 1: ""'),
        ("colour=red", 'invalid --security-opt 2: "colour=red"'),
        ("systempaths=unconfined", 'invalid --security-opt 2: "systempaths=unconfined"'),
        ("no-new-privileges=maybe", 'invalid --security-opt 2: "no-new-privileges=maybe"'),
        ("writable-cgroups:", 'invalid --security-opt 2: "writable-cgroups:"'),
        (
            "apparmor=docker-default",
            f"{APPARMOR}: apparmor: config provided but apparmor not supported",
        ),
    ],
)
def test_invalid_options(option: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        security.parse([option])
    assert str(caught.value) == message


def test_the_default_filter() -> None:
    default = seccomp.default(capabilities.DEFAULT)
    assert default is not None
    assert filter_of() == filter_of("seccomp=builtin") == default.as_spec()
    assert filter_of() is filter_of()  # compiled once
    assert filter_of(CapAdd=["SYS_ADMIN"]) != filter_of()
    assert filter_of(CapDrop=["SYS_CHROOT"]) != filter_of()


def test_calls_that_a_driver_needs() -> None:
    needed = frozenset({"clone3"})
    assert filter_of(needed=needed) not in (None, filter_of())
    profile = "seccomp=" + json.dumps({"defaultAction": "SCMP_ACT_ERRNO"})
    assert filter_of(profile, needed=needed) != filter_of(profile)


def test_unconfined_containers() -> None:
    assert filter_of("seccomp=unconfined") is None
    assert filter_of(Privileged=True) is None
    assert filter_of("seccomp={}") is None
    assert filter_of("seccomp=null") is None


def test_a_profile() -> None:
    profile = json.dumps({"defaultAction": "SCMP_ACT_ALLOW"})
    assert filter_of(f"seccomp={profile}") not in (None, filter_of())
    assert filter_of(f"seccomp={profile}", Privileged=True) is not None


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("", ""),
        ("/x.json", "invalid character '/' looking for beginning of value"),
        ("{", "unexpected end of JSON input"),
        ("[]", "json: cannot unmarshal array into Go value of type seccomp.Seccomp"),
        (
            '{"syscalls":"x"}',
            (
                "json: cannot unmarshal string into Go struct field Seccomp.syscalls of type"
                " []*seccomp.Syscall"
            ),
        ),
        (
            '{"defaultAction":5}',
            (
                "json: cannot unmarshal number into Go struct field Seccomp.defaultAction of type"
                " specs.LinuxSeccompAction"
            ),
        ),
        (
            '{"syscalls":[{"args":[{"index":-1}]}]}',
            (
                "json: cannot unmarshal number -1 into Go struct field"
                " LinuxSeccompArg.syscalls.args.index of type uint"
            ),
        ),
    ],
)
def test_invalid_profiles(profile: str, message: str) -> None:
    if not message:
        assert filter_of("seccomp=") == filter_of()
        return
    with pytest.raises(ApiError) as caught:
        filter_of(f"seccomp={profile}")
    assert str(caught.value) == DECODING + message
    assert caught.value.status == 500


def test_a_machine_without_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "is_supported", lambda: False)
    assert filter_of() is None
    with pytest.raises(ApiError, match="cannot run a custom seccomp profile"):
        filter_of('seccomp={"defaultAction":"SCMP_ACT_ALLOW"}')
