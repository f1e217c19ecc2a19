"""The proot driver: proot shows a process another root, by ptrace.

It isolates nothing: processes, network and users are the host's. Each container has a copy of its
image's files, as nothing can be mounted.

source: proot(1); facts on its versions in the project's documentation.
"""

from __future__ import annotations

import functools
import os
import posixpath
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .. import syscalls
from ..storage.copy import short_name
from . import child, privilege_drop, proc, seccomp, unmounted
from .spec import Spec

NAME = "proot"
#: With some kernels an old proot's own filter ends each program (exit code 182).
WITHOUT_FILTER = "PROOT_NO_SECCOMP=1"
_HOST_FOLDERS = ("/proc", "/dev", "/sys")
_POLL_S = 0.005
#: proot's exit code where a signal, whichever, ended the program.
_KILLED = 255
_WARNINGS = (
    "WARNING: No isolation: proot shares network, processes and users with the host",
    "WARNING: chown and a change of user in a container have no effect",
    "WARNING: --init has no effect, and --device neither: containers see all devices of the host",
)
_SLOW = "WARNING: proot is slow, but better ones do not run ({})"
_OLD = "WARNING: This proot is old and slow (it stops programs at every system call): install 5.4"


def try_here(root: Path, environment: Sequence[str]) -> str | None:
    """Return None if proot runs a program here, otherwise the reason.

    Args:
        root: the engine's root folder.
        environment: additional variables of proot, as `NAME=value`.
    """
    if shutil.which(NAME) is None:
        return "not installed"
    executed = ["/init", "--", "/none"]
    return unmounted.try_init(
        root, lambda folder: [NAME, "--verbose=-1", f"--rootfs={folder}", *executed], environment
    )


@functools.cache
def _has_seccomp_filter() -> bool:
    """Whether proot is 5.2 or newer: it stops a program only at calls that take paths."""
    done = subprocess.run(["proot", "--version"], check=False, capture_output=True, text=True)  # noqa: S607
    return "seccomp_filter = yes" in done.stdout + done.stderr


class ProotDriver(unmounted.Driver):
    """Runs containers under proot."""

    name = NAME
    description = "proot"

    def __init__(self, environment: Sequence[str] = (), better: Sequence[str] = ()) -> None:
        """Initialize a driver.

        Args:
            environment: additional variables of proot, and so of the containers' programs.
            better: why a better driver does not run here, for `docker info`.
        """
        self.environment = environment
        is_old = not _has_seccomp_filter()
        slow = [_SLOW.format(reason) for reason in better]
        self.warnings: tuple[str, ...] = (*_WARNINGS, *slow, *([_OLD] if is_old else []))
        # Without clone3, glibc's popen and posix_spawn make a child that shares memory. An old
        # proot forgets the parent's heap when such a child executes a program: both crash.
        self.always_allowed = frozenset({"clone3"} if is_old else ())

    def launcher(self, spec: Spec) -> ProotLauncher:
        """Return the launcher of a container or an exec."""
        return ProotLauncher(spec, self.environment)

    def processes(self, pid: int) -> list[int]:
        """Return what proot has started, without proot itself."""
        return proc.descendants(pid)

    def orphans(self, folder: Path) -> list[int]:
        """Return the proot processes of the container, and all that they have started."""
        return proc.of_program("proot", f"/{short_name(folder)}/")


class ProotLauncher:
    """Runs one container or exec under a proot of its own."""

    def __init__(self, spec: Spec, environment: Sequence[str] = ()) -> None:
        self._spec = spec
        self._environment = environment
        self._last_signal = 0

    def prepare(self) -> None:
        """Become the parent of orphans, and empty the folders of tmpfs mounts."""
        unmounted.prepare(self._spec)

    def enter(self) -> None:
        """Do nothing: proot shows the program its root when it executes it."""

    def renounce(self) -> None:
        """Do nothing: the program gets its privileges from proot."""

    def execute(self) -> NoReturn:
        """Execute proot with the container's program in it."""
        spec = self._spec
        root = Path(spec["rootfs"]["merged"])
        folder = spec["cwd"] or "/"
        with unmounted.mounted(spec) as files:

            def may_execute(path: str) -> bool:
                return unmounted.may_execute(files, posixpath.join(folder, path))

            read, setpriv = files.read_text, privilege_drop.SETPRIV
            child.start_as_entrypoint_user(spec, may_execute, read, setpriv)
            user = child.user_of(spec, read)
            unmounted.make_folder(files, folder)
            path = child.find_program(spec, may_execute)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        if not _has_seccomp_filter():
            seccomp.hide_new_calls()
        seccomp.install(spec["seccomp"])
        proot = shutil.which("proot") or "proot"
        binds = [f"--bind={path}" for path in _HOST_FOLDERS]
        mounts = [(unmounted.source(mount, root), mount["target"]) for mount in spec["mounts"]]
        binds += [f"--bind={source}:{target}" for source, target in mounts]
        options = ["--verbose=-1", f"--change-id={user.uid}:{user.gid}", f"--rootfs={root}", *binds]
        spec["env"] = [*spec["env"], *self._environment]
        spec["args"] = [proot, *options, f"--cwd={folder}", path, *spec["args"][1:]]
        child.execute_or_exit(spec, proot)

    def supervise(self, pid: int) -> None:
        """Watch for the end of the container's init process, in a thread."""
        threading.Thread(target=kill_on_init_exit, args=(pid,), daemon=True).start()

    def signal(self, pid: int, number: int) -> None:
        """Signal what runs in proot, which forwards nothing; proot itself while nothing runs."""
        self._last_signal = number
        inside = _inside(pid) if number == signal.SIGKILL else proc.children(pid)
        unmounted.signal_all(inside or [pid], number)

    def exit_code(self, status: int) -> int:
        """Return the program's exit code; proot does not tell which signal ended it."""
        code = proc.exit_code(status)
        return 128 + self._last_signal if code == _KILLED and self._last_signal else code

    def await_rest(self) -> None:
        """Do nothing: proot, which traces it, has waited for its end."""


def _inside(proot: int) -> list[int]:
    """Return all that this shim's proot has started, orphans included: they come to the shim."""
    return [pid for pid in proc.descendants(os.getpid()) if pid != proot]


def kill_on_init_exit(proot: int) -> None:
    """Kill the container's other processes when its init process ends: proot waits for them all.

    Runs in the process that started proot, which adopts orphans.
    """
    with unmounted.end_of(proot) as end:
        while not _inside(proot):
            if end.wait(_POLL_S):
                return
        if init_processes := proc.children(proot):
            with unmounted.end_of(init_processes[0]) as init_end:
                init_end.wait(None)
        while not end.wait(_POLL_S):
            unmounted.signal_all(_inside(proot), signal.SIGKILL)
