"""Chooses the runtime driver, by trying each one here.

The environment variable DOCKER_MAGICS_DRIVER overrides the choice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from . import id_mapping, interpreter, namespaces, proot, systrap
from .driver import RuntimeDriver
from .id_mapping import IdMapping

DRIVER_VARIABLE = "DOCKER_MAGICS_DRIVER"


class NoDriver(RuntimeError):
    """No driver can run a container here; the message says what was tried."""


def choose(root: Path) -> RuntimeDriver:
    """Return the best driver that works.

    Args:
        root: the engine's root folder: overlays must work there.

    Raises:
        NoDriver: none works, or the environment variable names an unknown one.
    """
    wanted = os.environ.get(DRIVER_VARIABLE, "")
    if wanted and wanted not in _DRIVERS:
        raise NoDriver(f"{DRIVER_VARIABLE}={wanted}: expected {' or '.join(_DRIVERS)}")
    reasons: list[str] = []
    for try_driver in [_DRIVERS[wanted]] if wanted else _DRIVERS.values():
        driver = try_driver(root, reasons)
        if driver is not None:
            return driver
    raise NoDriver(f"cannot run containers here: {'; '.join(reasons)}")


def _try_namespaces(root: Path, reasons: list[str]) -> RuntimeDriver | None:
    if not interpreter.is_read_only():
        reasons.append(f"{namespaces.NAME}: Python cannot be executed from a read-only mount")
        return None
    for mapping in _mappings():
        reason = namespaces.try_mapping(mapping, root)
        if reason is None:
            return namespaces.NamespacesDriver(mapping)
        reasons.append(f"{mapping}: {reason}")
    return None


def _mappings() -> list[IdMapping]:
    if os.geteuid() == 0:
        return [IdMapping.ROOT]
    with_subuids = [IdMapping.SUBUID] if id_mapping.has_subuids() else []
    return [*with_subuids, IdMapping.SINGLE]


def _try_proot(root: Path, reasons: list[str]) -> RuntimeDriver | None:
    reason: str | None = None
    for environment in ((), (proot.WITHOUT_FILTER,)):
        reason = proot.try_here(root, environment)
        if reason is None:
            better = [reason for reason in reasons if reason.startswith(systrap.NAME)]
            return proot.ProotDriver(environment, better)
    reasons.append(f"{proot.NAME}: {reason}")
    return None


def _try_systrap(root: Path, reasons: list[str]) -> RuntimeDriver | None:
    reason = systrap.try_here(root)
    if reason is None:
        return systrap.SystrapDriver()
    reasons.append(f"{systrap.NAME}: {reason}")
    return None


_Try = Callable[[Path, list[str]], RuntimeDriver | None]
#: By name, the best first. A new driver is a line here, and a file.
_DRIVERS: dict[str, _Try] = {
    namespaces.NAME: _try_namespaces,
    systrap.NAME: _try_systrap,
    proot.NAME: _try_proot,
}
