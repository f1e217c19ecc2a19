"""The systrap driver: a program in C shows a process another root, from inside of the process.

A seccomp filter traps calls with paths, and a handler in the same process serves them: no tracer
slows them down. Landlock confines files, signals and abstract sockets. Processes and network are
the host's. As nothing can be mounted, each container has its image's files by hard links, and
copies of those that it writes to (`file_broker.py`).

source: `systrap/main.c` in the project's repository; landlock(7), openat2(2).
"""

from __future__ import annotations

import contextlib
import os
import platform
import posixpath
import signal
import threading
import time
from pathlib import Path
from typing import NoReturn

from .. import syscalls
from ..storage import shared_tree
from ..storage.copy import short_name
from ..storage.rootfs import Rootfs
from . import child, init, proc, seccomp, unmounted
from .file_broker import FileBroker
from .signal_broker import SignalBroker, exec_shims
from .spec import MountSpec, Spec

NAME = "systrap"
_PROGRAM = Path(__file__).with_name("systrap.x86_64")
#: The program's descriptor of a container's root: see `systrap/config.h`.
_ROOT_FD = 200
#: The maximum number of shims that the program takes: see `systrap/config.h`.
_MOST_SHIMS = 16
_POLL_S = 0.005
#: The version of Landlock that confines signals and abstract sockets: Linux 6.12.
_SCOPES_VERSION = 6
#: The version of Landlock that confines all ways to write to a file: Linux 6.2.
_TRUNCATE_VERSION = 3
#: Signals that a container's first process gets although it has no handler: signal(7).
_NEVER_IGNORED = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT}
#: Devices that every container may open: Docker's, and terminals.
_DEVICES = (
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx",
    "/dev/pts",
)  # fmt: skip
_SHM: MountSpec = {
    "kind": "tmpfs", "flags": 0, "data": "mode=1777",
    "target": "/dev/shm",  # noqa: S108 - the container's
}  # fmt: skip
_INIT: MountSpec = {
    "kind": "bind", "source": str(init.PATH), "target": init.TARGET, "readonly": True,
}  # fmt: skip
_WARNINGS = (
    "WARNING: Little isolation: only files are confined (Landlock); network and processes are not",
    "WARNING: chown and a change of user in a container have no effect",
)
_SIGNALS = "WARNING: Containers may signal the user's processes: Linux 6.12 prevents that"


class SystrapDriver(unmounted.Driver):
    """Runs containers under systrap."""

    name = NAME
    divides_loopback = True
    description = "systrap (calls are served in the process; files are confined by Landlock)"
    #: What systrap itself calls, and programs seldom do.
    always_allowed = frozenset({
        "openat2", "faccessat2", "seccomp", "set_tid_address", "landlock_create_ruleset",
        "landlock_add_rule", "landlock_restrict_self", "memfd_create",
    })  # fmt: skip

    def __init__(self) -> None:
        version = syscalls.landlock_version()
        confines_signals = version >= _SCOPES_VERSION
        self._shares_files = version >= _TRUNCATE_VERSION
        self.warnings: tuple[str, ...] = _WARNINGS if confines_signals else (*_WARNINGS, _SIGNALS)

    def launcher(self, spec: Spec) -> SystrapLauncher:
        """Return the launcher of a container or an exec."""
        return SystrapLauncher(spec)

    def processes(self, pid: int) -> list[int]:
        """Return what the shims of the container and of its execs have started."""
        shims = {proc.parent(pid): None}
        with contextlib.suppress(OSError):  # it has no root yet
            root = Path(os.readlink(f"/proc/{pid}/fd/{_ROOT_FD}"))
            shims |= dict.fromkeys(exec_shims(root.parent))
        return [pid for shim in shims if shim for pid in proc.descendants(shim)]

    def orphans(self, folder: Path) -> list[int]:
        """Return the processes whose root is the container's copy."""
        return proc.with_descriptor(_ROOT_FD, f"/{short_name(folder)}/")


class SystrapLauncher:
    """Runs one container or exec under systrap."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._reaper: threading.Thread | None = None
        self._signals: SignalBroker | None = None
        self._shared: shared_tree.SharedFiles | None = None
        self._files: FileBroker | None = None

    def prepare(self) -> None:
        """Become the parent of orphans, empty folders of tmpfs mounts, and listen for signals."""
        unmounted.prepare(self._spec)
        root = Path(self._spec["rootfs"]["merged"])
        if not self._spec["rootfs"]["readonly"] and (shared := shared_tree.record(root)):
            self._shared, self._files = shared, FileBroker(root, shared)
        if "join" in self._spec:
            with contextlib.suppress(OSError):  # the path is too long for a socket
                self._signals = SignalBroker(_folder(self._spec), self._spec["join"])

    def enter(self) -> None:
        """Do nothing: systrap shows the program its root when it executes it."""

    def renounce(self) -> None:
        """Do nothing: the program gets its privileges from systrap."""

    def execute(self) -> NoReturn:
        """Execute systrap with the container's program in it."""
        spec = self._spec
        root = Path(spec["rootfs"]["merged"])
        folder = spec["cwd"] or "/"
        with unmounted.mounted(spec) as files:
            user = child.user_of(spec, files.read_text)
            unmounted.make_folder(files, folder)
            path = self._find_program(files, folder)
        shown = [_SHM, *spec["mounts"], *([_INIT] if path == init.TARGET else [])]
        with Rootfs(root) as files:
            mounts = [word for mount in shown for word in _bind(files, mount, root)]
        limits = [limit for limit in spec["ulimits"] if limit["Name"] == "nofile"]
        spec["ulimits"] = [limit for limit in spec["ulimits"] if limit["Name"] != "nofile"]
        child.set_limits(spec)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.install(spec["seccomp"])
        options = ["--root", str(root), *_KERNEL_FOLDERS, *mounts]
        options += _identity(spec)
        if spec["rootfs"]["readonly"]:
            options.append("--read-only")
        if self._signals:
            options += ["--signals", str(self._signals.path)]
        if self._files and self._shared:
            options += ["--files", str(self._files.connect()), *_own_folders(root, self._shared)]
        if loopback := spec.get("loopback"):
            options += ["--loopback", str(loopback["number"]), loopback["reach"]]
        for device in spec.get("devices", []):
            options += ["--bind", device["source"], device["target"]]
        for shim in _shims(spec):
            options += ["--processes-of", str(shim)]
        for limit in limits:  # systrap's descriptors are above it
            options += ["--descriptors", str(limit["Soft"]), str(limit["Hard"])]
        options += ["--ids", f"{user.uid}:{user.gid}", "--folder", folder]
        spec["args"] = [NAME, *options, path, *spec["args"]]
        child.execute_or_exit(spec, str(_PROGRAM))

    def _find_program(self, files: Rootfs, folder: str) -> str:
        """Return the container's path of what to execute: an init process, if one is wanted."""
        spec = self._spec
        if spec.get("init"):
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)  # it is no PID 1
            spec["args"] = init.arguments(spec["args"])
            return init.TARGET
        return child.find_program(
            spec, lambda path: unmounted.may_execute(files, posixpath.join(folder, path))
        )

    def supervise(self, pid: int) -> None:
        """Watch for the end of the first process, and send an exec's signals, in threads."""
        if self._signals:
            self._signals.start()
        if self._files:
            self._files.start(pid)
        signal.signal(signal.SIGCHLD, lambda *_: _reap_orphans(pid))
        if not self._signals:  # of a container, or of an exec whose shim that one will not find
            arguments = (pid, None if "join" in self._spec else _folder(self._spec))
            self._reaper = threading.Thread(target=_kill_rest, args=arguments, daemon=True)
            self._reaper.start()

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to the init process, if it does more than end it: pid_namespaces(7)."""
        if "join" in self._spec or number in _NEVER_IGNORED or proc.expects(pid, number):
            os.kill(pid, number)

    def exit_code(self, status: int) -> int:
        """Return the program's exit code, after the container's other processes have ended."""
        if self._reaper:
            self._reaper.join()
        return proc.exit_code(status)

    def await_rest(self) -> None:
        """Wait for the end of the processes that an exec has left running, such as a daemon."""
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        if self._signals:
            self._signals.remove()
        if self._files:
            self._files.close()


def _folder(spec: Spec) -> Path:
    """Return the container's folder."""
    return Path(spec["rootfs"]["merged"]).parent


def _shims(spec: Spec) -> list[int]:
    """Return the processes that started the container and its execs, of which this may be one."""
    shims = {os.getppid(): None}
    if "join" in spec and (container := proc.parent(spec["join"])):
        shims |= dict.fromkeys([container, *exec_shims(_folder(spec))])
    return list(shims)[:_MOST_SHIMS]


def _identity(spec: Spec) -> list[str]:
    """Return the options that say what the program takes itself and its container for."""
    options = []
    if hostname := spec.get("hostname"):
        options += ["--hostname", hostname]
    if spec["no_new_privs"]:
        options.append("--no-new-privileges")
    if "join" in spec:
        options += ["--init", str(spec["join"])]
    return options


def _own_folders(root: Path, shared: shared_tree.SharedFiles) -> list[str]:
    """Return the options for the root's folders that have no file of the image.

    A container can give one of its folders their names, but no time of birth.
    """
    options = []
    for name, identity in shared.copied.items():
        try:
            fd = os.open(root / name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        if shared_tree.identity(fd) == identity:
            os.set_inheritable(fd, True)  # noqa: FBT003 - os's API
            options += ["--own", str(fd)]
        else:
            os.close(fd)
    return options


def _kernel_folders() -> list[str]:
    """Return the options that show /proc, /sys and /dev, and what may be opened there."""
    shown = [word for path in ("/proc", "/sys", "/dev") for word in ("--host", path)]
    devices = [word for path in _DEVICES if os.path.exists(path) for word in ("--write", path)]
    return [*shown, "--read", "/proc", "--read", "/sys", "--list", "/dev", *devices]


_KERNEL_FOLDERS = _kernel_folders()


def _bind(files: Rootfs, mount: MountSpec, root: Path) -> list[str]:
    """Return the options that show a mount; its target is made, so that it is listed."""
    source, target = unmounted.source(mount, root), mount["target"]
    readonly = mount["kind"] == "bind" and mount["readonly"]
    if not target.startswith(("/dev/", "/proc/", "/sys/")):
        make = files.make_dirs if os.path.isdir(source) else files.make_file
        with contextlib.suppress(OSError):
            fd = make(target)
            target = files.path_of(fd)
            os.close(fd)
    return ["--bind-ro" if readonly else "--bind", source, target]


def _reap_orphans(first: int) -> None:
    """Reap the orphans that this shim has adopted. The first process is reaped elsewhere."""
    with contextlib.suppress(OSError):  # descriptors are short, or another thread has done it
        for pid in proc.children(os.getpid()):
            if pid != first:
                os.waitpid(pid, os.WNOHANG)


def _kill_rest(init: int, folder: Path | None) -> None:
    """Kill what a container's init process and its execs leave when it ends. Runs in the shim.

    Args:
        init: the first process.
        folder: of the container; None for what this shim has started alone.
    """
    with unmounted.end_of(init) as end:
        end.wait(None)
    while rest := [pid for pid in _started(folder) if pid != init]:
        unmounted.signal_all(rest, signal.SIGKILL)
        for pid in rest:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(_POLL_S)


def _started(folder: Path | None) -> list[int]:
    """Return what this shim and those of a container's execs have started; wait for descriptors."""
    while True:
        try:
            shims = [os.getpid(), *(exec_shims(folder) if folder else [])]
            return [pid for shim in shims for pid in proc.descendants(shim)]
        except OSError:
            time.sleep(_POLL_S)


def try_here(root: Path) -> str | None:
    """Return None if a program can be run and confined here, otherwise the reason.

    Args:
        root: the engine's root folder.
    """
    if platform.machine() != "x86_64":
        return f"not for {platform.machine()}"
    if not os.access(_PROGRAM, os.X_OK):
        return f"{_PROGRAM} cannot be executed"
    if not syscalls.landlock_version():
        return "the kernel has no Landlock, which confines files"
    executed = ["/init", *init.arguments(["/none"])]
    return unmounted.try_init(root, lambda folder: [str(_PROGRAM), "--root", folder, *executed])
