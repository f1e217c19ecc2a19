"""Finds the folders in which the engine can create control groups for its containers.

A container's group is beside the engine's own, or below the root group.

source: cgroups(7), proc(5): /proc/self/mountinfo and /proc/self/cgroup.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from . import device_filter, device_rules

#: What version 1 must have, and what is used if it exists.
_V1_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids")
_CPUSET, _FREEZER, _DEVICES = "cpuset", "freezer", "devices"
_V1_OPTIONAL = (_CPUSET, _FREEZER, _DEVICES)
#: In version 2, every group has a freezer.
_V2_CONTROLLERS = ("memory", "cpu", "pids", _FREEZER)


def find(proc: Path = Path("/proc/self")) -> dict[str, Path]:
    """Return a folder for each controller: all of version 1, or of version 2; {} if none works.

    Args:
        proc: the folder of this process in /proc.
    """
    return _find_v1(proc) or _find_v2(proc)


def _find_v1(proc: Path) -> dict[str, Path]:
    bases = {}
    own = _own_groups(proc)
    for mount_point, options in _mounts(proc, "cgroup"):
        for controller in {*_V1_CONTROLLERS, *_V1_OPTIONAL} & options:
            candidates = (mount_point / own.get(controller, "").lstrip("/"), mount_point)
            base = next((path for path in candidates if _is_usable(path)), None)
            if base is not None:
                bases[controller] = base
    return bases if bases.keys() >= set(_V1_CONTROLLERS) else {}


def _find_v2(proc: Path) -> dict[str, Path]:
    """Return one folder for all controllers, which it delegates to the groups in it."""
    own = _own_groups(proc).get("", "")
    for mount_point, _ in _mounts(proc, "cgroup2"):
        for base in (mount_point / own.lstrip("/"), mount_point):
            with contextlib.suppress(OSError):
                (base / "cgroup.subtree_control").write_text("+memory +cpu +pids")
                if _is_usable(base):
                    optional = (*_delegate_cpuset(base), *_limits_devices(base))
                    return dict.fromkeys((*_V2_CONTROLLERS, *optional), base)
    return {}


def _delegate_cpuset(base: Path) -> tuple[str, ...]:
    try:
        (base / "cgroup.subtree_control").write_text("+cpuset")
    except OSError:
        return ()
    return (_CPUSET,)


def _limits_devices(base: Path) -> tuple[str, ...]:
    """Return `devices` if a program that denies devices can be attached to a group here."""
    try:
        with _probe(base) as group:
            device_filter.attach(group, device_rules.DEFAULT)
    except OSError:
        return ()
    return (_DEVICES,)


def _mounts(proc: Path, filesystem: str) -> Iterator[tuple[Path, set[str]]]:
    """Yield the mount points of a type of file system, with their options."""
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        name, _, options = after.split(" ", 2)
        if name == filesystem:
            yield Path(before.split()[4]), set(options.split(","))


def _own_groups(proc: Path) -> dict[str, str]:
    """Return controller -> group of this process; the key of version 2 is empty."""
    lines = (proc / "cgroup").read_text().splitlines()
    triples = (line.split(":", 2) for line in lines)
    return {name: path for _, names, path in triples for name in names.split(",")}


def _is_usable(base: Path) -> bool:
    """Whether a group can be created here, and takes a process."""
    try:
        with _probe(base) as group:
            procs = group / "cgroup.procs"
            return procs.exists() and os.access(procs, os.W_OK)
    except OSError:
        return False


@contextlib.contextmanager
def _probe(base: Path) -> Iterator[Path]:
    """Create a group, and remove it after the block."""
    group = base / f"docker_magics-probe-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        group.rmdir()
