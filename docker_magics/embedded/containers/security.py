"""The security options of a container: docker run --security-opt.

Without AppArmor and SELinux, labels are ignored, as by a dockerd that runs without
`--selinux-enabled`; a profile of AppArmor is refused, as it would not be applied.

source: moby daemon/daemon_unix.go: parseSecurityOpt, daemon/seccomp_linux.go: WithSeccomp.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from ...wire import go
from ..api import go_types
from ..api.untrusted_json import parse_json
from ..errors import ApiError, BadParameter
from ..records.host_config import HostConfig
from ..runtime import capabilities, seccomp
from ..runtime.spec import FilterSpec

_UNCONFINED, _BUILTIN = "unconfined", "builtin"


@dataclass
class SecurityOptions:
    """The values of SecurityOpt.

    Attributes:
        no_new_privileges: whether no program gains privileges.
        seccomp: unconfined, builtin, or a profile as JSON; empty for the default.
        writable_cgroups: whether the container may write to its control groups.
    """

    no_new_privileges: bool = False
    seccomp: str = ""
    writable_cgroups: bool = False


def parse(options: Iterable[str] | None) -> SecurityOptions:
    """Return the values of a SecurityOpt.

    Raises:
        BadParameter: an option is unknown, or cannot be applied here.
    """
    values = SecurityOptions()
    for option in options or ():
        key, separator, value = option.partition("=" if "=" in option else ":")
        if option == "disable":
            continue
        if not separator and key not in {"no-new-privileges", "writable-cgroups"}:
            raise BadParameter(f"invalid --security-opt 1: {go.quote(option)}")
        match key:
            case "label":
                pass
            case "seccomp":
                values.seccomp = value
            case "apparmor":
                _check_apparmor(value)
            case "no-new-privileges":
                values.no_new_privileges = not separator or _flag(option, value)
            case "writable-cgroups":
                values.writable_cgroups = not separator or _flag(option, value)
            case _:
                raise BadParameter(f"invalid --security-opt 2: {go.quote(option)}")
    return values


def _flag(option: str, value: str) -> bool:
    if not go.is_bool(value):
        raise BadParameter(f"invalid --security-opt 2: {go.quote(option)}")
    return go.parse_bool(value)


def _check_apparmor(profile: str) -> None:
    """Refuse a profile in the words of runc on a machine without AppArmor."""
    if profile not in {"", _UNCONFINED}:
        reason = "apparmor: config provided but apparmor not supported"
        raise BadParameter(f"unable to apply apparmor profile: {reason}")


def filter_of(
    host_config: HostConfig, always_allowed: frozenset[str] = frozenset()
) -> FilterSpec | None:
    """Return the seccomp filter of a container's processes; None if they are unconfined.

    Args:
        host_config: has the profile and the capabilities.
        always_allowed: the system calls that the runtime driver needs.

    Raises:
        ApiError: the profile is invalid.
    """
    profile = parse(host_config["SecurityOpt"]).seccomp
    privileged = host_config["Privileged"]
    if profile == _UNCONFINED or (privileged and not profile):
        return None
    if not seccomp.is_supported():
        if profile not in {"", _BUILTIN}:
            raise ApiError("seccomp is not enabled in your kernel, cannot run a custom seccomp profile")  # fmt: skip  # noqa: E501
        return None
    caps = capabilities.select(
        host_config["CapAdd"] or [], host_config["CapDrop"] or [], privileged=privileged
    )
    return _compiled("" if profile == _BUILTIN else profile, frozenset(caps), always_allowed)


@functools.lru_cache(maxsize=16)
def _compiled(
    profile: str, caps: frozenset[str], always_allowed: frozenset[str]
) -> FilterSpec | None:
    """Return the filter of a profile, the default one if it is empty."""
    if profile:
        filter_ = seccomp.custom(_decoded(profile), caps, always_allowed)
    else:
        filter_ = seccomp.default(caps, always_allowed)
    return filter_ and filter_.as_spec()


def _decoded(profile: str) -> dict[str, object]:
    try:
        document = go_types.decoded(parse_json(profile), "seccomp.Seccomp")
    except (ValueError, BadParameter) as error:
        raise ApiError(f"Decoding seccomp profile failed: {error}") from error
    return document or {}
