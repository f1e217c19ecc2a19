"""The namespaces driver: Linux namespaces, an overlay as root, capabilities and seccomp.

source: namespaces(7); opencontainers/runc, libcontainer.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

from .. import syscalls
from ..state import State
from ..storage.driver import StorageDriver
from ..storage.overlay import OverlayDriver
from ..storage.rootfs import Rootfs
from . import child, id_mapping, init, proc, sandbox, seccomp
from .driver import TreeMounter
from .id_mapping import IdMapping
from .kernel_filesystems import shares_processes
from .spec import Spec, TreeSpec

NAME = "namespaces"
#: What an exec enters. The PID namespace holds for its next fork.
_ENTERED = ("net", "ipc", "uts", "mnt", "pid")
_ONE_USER = (
    "WARNING: One user: chown and a change of user in a container have no effect"
    " (install uidmap and add ranges to /etc/subuid and /etc/subgid)"
)
_WARNINGS: dict[IdMapping, tuple[str, ...]] = {
    IdMapping.ROOT: (),
    IdMapping.SUBUID: ("WARNING: No mknod: devices cannot be made in containers",),
    IdMapping.SINGLE: (_ONE_USER,),
}


class NamespacesDriver:
    """Runs containers in namespaces of their own.

    Args:
        mapping: ROOT, SUBUID or SINGLE.
    """

    name = NAME
    description = "namespaces (as bubblewrap makes them, by system calls)"
    isolates_network = True
    divides_loopback = False
    enters_namespaces = True
    always_allowed: frozenset[str] = frozenset()

    def __init__(self, mapping: IdMapping) -> None:
        self.id_mapping = mapping
        self.warnings = _WARNINGS[mapping]
        if mapping.fakes_ownership:
            seccomp.ownership_filter()  # compiled once, before shims lose sight of its data

    def __reduce__(self) -> tuple[type[NamespacesDriver], tuple[IdMapping]]:
        """Have a copy made by the constructor, in a process that is executed anew."""
        return NamespacesDriver, (self.id_mapping,)

    def storage(self, _state: State) -> StorageDriver:
        """Return the overlay driver."""
        return OverlayDriver(userxattr=self.id_mapping is not IdMapping.ROOT)

    def launcher(self, spec: Spec) -> NamespacesLauncher:
        """Return the launcher of a container or an exec."""
        return NamespacesLauncher(spec, fakes_ownership=self.id_mapping.fakes_ownership)

    def files(
        self, mount: TreeMounter, folder: Path, spec: TreeSpec
    ) -> AbstractContextManager[Rootfs]:
        """Have the overlay mounted by a helper, in a mount namespace of its own."""
        return mount(folder, spec)

    def running_root(self, pid: int) -> str:
        """Return the root of the container's mount namespace."""
        return f"/proc/{pid}/root"

    def processes(self, pid: int) -> list[int]:
        """Return what is in the PID namespace of the init process."""
        return proc.in_same_namespace(pid)

    def orphans(self, folder: Path) -> list[int]:
        """Return what sees a file of the container's folder mounted, such as its /etc/hosts."""
        return proc.with_mount_of(folder)


class NamespacesLauncher:
    """Makes the namespaces of a container, or enters those of a running one for an exec."""

    def __init__(self, spec: Spec, *, fakes_ownership: bool) -> None:
        self._spec = spec
        self._fakes_ownership = fakes_ownership
        self._entered: list[int] = []
        self._has_renounced = False

    def prepare(self) -> None:
        """Open the namespaces to enter, or unshare a container's PID namespace.

        Another container sees the process of an exec, or of a container that shares its PID
        namespace, before that executes the program. So the PID namespace is entered last.
        """
        if "join" in self._spec:
            joined = self._spec["join"]
            self._entered = [
                os.open(f"/proc/{joined}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
                for name in _ENTERED
                if _is_another(joined, name)
            ]
            syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        elif shares_processes(self._spec):
            pid = self._spec["namespaces"]["pid"]
            self._entered = [os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)]
        elif self._spec["namespaces"].get("pid", "new") == "new":
            syscalls.unshare(syscalls.CLONE_NEWPID)

    def enter(self) -> None:
        """Enter the container's namespaces, or unshare them and mount its root."""
        if self._entered:
            child.set_oom_score(self._spec)  # the container's /proc does not show this process
        if "join" not in self._spec:
            sandbox.unshare(self._spec["namespaces"])
            sandbox.build(self._spec)
        for fd in self._entered:
            syscalls.setns(fd)

    def renounce(self) -> None:
        """Drop the privileges of a visible process, but those to change its user.

        With one ID, where a change of user appears to succeed, that needs all of them.
        """
        if not self._fakes_ownership:
            child.renounce(self._spec)
            self._has_renounced = True

    def execute(self) -> NoReturn:
        """Drop privileges and execute the program, or an init process that executes it."""
        spec = self._spec
        init_process = init.create() if spec.get("init") else None
        child.drop_privileges(
            spec, fake_ownership=self._fakes_ownership, has_renounced=self._has_renounced
        )
        if init_process:
            spec["args"] = init.arguments(spec["args"])
        path = init_process or child.find_program(spec, child.may_execute)
        child.execute_or_exit(spec, path)

    def supervise(self, pid: int) -> None:
        """Do nothing: the kernel ends a PID namespace with its init process."""

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to the init process."""
        os.kill(pid, number)

    def exit_code(self, status: int) -> int:
        """Return the program's exit code, 128 + N where signal N ended it."""
        return proc.exit_code(status)

    def await_rest(self) -> None:
        """Do nothing: the container's init process adopts orphans."""


def _is_another(pid: str | int, name: str) -> bool:
    """Whether a process is in another namespace; an ordinary user may not enter the host's."""
    return not os.path.samefile(f"/proc/{pid}/ns/{name}", f"/proc/self/ns/{name}")


def try_mapping(mapping: IdMapping, root: Path) -> str | None:
    """Return None if namespaces and mounts work with a mapping, otherwise the reason.

    Args:
        mapping: what to try, in a child process that is thrown away.
        root: the engine's root folder: overlays must work there.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        reason = b""
        try:
            _rehearse(mapping, root)
        except OSError as error:
            reason = str(error).encode() or b"failed"
        os.write(writer, reason)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        reason = answer.read()
    os.waitpid(pid, 0)
    return reason.decode(errors="replace") or None


def _rehearse(mapping: IdMapping, root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=root) as folder:
        lower, upper, work, merged = (Path(folder, name) for name in ("l", "u", "w", "m"))
        for path in (lower, upper, work, merged):
            path.mkdir()
        id_mapping.enter(mapping)
        kinds = syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWNET
        syscalls.unshare(kinds | syscalls.CLONE_NEWPID)
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        syscalls.mount("overlay", str(merged), "overlay", data=options)
        try:
            pid = os.fork()
            if pid == 0:
                os._exit(_mounts_proc(str(merged)))
            _, status = os.waitpid(pid, 0)
            if status:
                raise OSError("a container cannot have its own /proc here")
        finally:
            syscalls.unmount(str(merged))


def _mounts_proc(target: str) -> int:
    try:
        syscalls.mount("proc", target, "proc")
        syscalls.unmount(target)
    except OSError:
        return 1
    return 0
