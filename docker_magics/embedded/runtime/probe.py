"""Which driver runs containers here: found by trying, in a child that is thrown away.

The environment variable DOCKER_MAGICS_DRIVER (namespaces or proot) decides instead, where set.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import identity, proot, syscalls
from .identity import Level

DRIVER_VARIABLE = "DOCKER_MAGICS_DRIVER"


_ONE_USER = (
    "WARNING: One user: chown and a change of user in a container have no effect"
    " (install uidmap and add ranges to /etc/subuid and /etc/subgid)"
)


class NoDriver(RuntimeError):
    """Nothing here can run a container; the message says what was tried."""


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        driver: `namespaces` or `proot`.
        level: how real other users are.
        warnings: what containers here cannot have, for `docker info`.
    """

    driver: str
    level: Level
    warnings: tuple[str, ...] = ()

    @property
    def pretends(self) -> bool:
        """Whether a change of user in a container is only pretended."""
        return self.level in {Level.SINGLE, Level.NONE}


def choose(root: Path) -> Choice:
    """Try the drivers, best first.

    Args:
        root: the engine's root folder: overlays must work there.

    Raises:
        NoDriver: nothing works.
    """
    wanted = os.environ.get(DRIVER_VARIABLE, "")
    if wanted not in {"", "namespaces", "proot"}:
        raise NoDriver(f"{DRIVER_VARIABLE}={wanted}: there are namespaces and proot")
    tried = []
    if wanted != "proot":
        for level in _levels():
            reason = _try(level, root)
            if reason is None:
                return Choice("namespaces", level, _warnings(level))
            tried.append(f"{level}: {reason}")
    if wanted != "namespaces":
        if shutil.which("proot"):
            return Choice("proot", Level.NONE, _warnings(Level.NONE) + proot.warnings())
        tried.append("proot: not installed")
    raise NoDriver(f"no way to run containers here ({'; '.join(tried)})")


def _levels() -> list[Level]:
    if os.geteuid() == 0:
        return [Level.ROOT]
    return [Level.SUBUID, Level.SINGLE] if identity.has_subuids() else [Level.SINGLE]


def _try(level: Level, root: Path) -> str | None:
    """None if a container's namespaces and mounts work on this level, else why not."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        reason = b""
        try:
            _rehearse(level, root)
        except OSError as error:
            reason = str(error).encode() or b"failed"
        os.write(writer, reason)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        reason = answer.read()
    os.waitpid(child, 0)
    return reason.decode(errors="replace") or None


def _rehearse(level: Level, root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=root) as folder:
        lower, upper, work, merged = (Path(folder, name) for name in ("l", "u", "w", "m"))
        for path in (lower, upper, work, merged):
            path.mkdir()
        identity.enter(level)
        kinds = syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWNET
        syscalls.unshare(kinds | syscalls.CLONE_NEWPID)
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        syscalls.mount("overlay", str(merged), "overlay", data=options)
        try:
            grandchild = os.fork()
            if grandchild == 0:
                os._exit(_mounts_proc(str(merged)))
            _, status = os.waitpid(grandchild, 0)
            if status:
                raise OSError("a container may not have /proc of its own here")
        finally:
            syscalls.unmount(str(merged))


def _mounts_proc(target: str) -> int:
    try:
        syscalls.mount("proc", target, "proc")
        syscalls.unmount(target)
    except OSError:
        return 1
    return 0


def _warnings(level: Level) -> tuple[str, ...]:
    match level:
        case Level.ROOT:
            return ()
        case Level.SUBUID:
            return ("WARNING: No mknod: devices cannot be made in containers",)
        case Level.SINGLE:
            return (_ONE_USER,)
        case Level.NONE:
            return (
                "WARNING: No isolation: proot shares network, processes and users with the host",
                "WARNING: chown and a change of user in a container have no effect",
            )
