"""A runtime driver that isolates nothing: tests run shims with it, without root."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, cast

from docker_magics.embedded.runtime import child, proc
from docker_magics.embedded.runtime.driver import TreeMounter
from docker_magics.embedded.runtime.id_mapping import IdMapping
from docker_magics.embedded.runtime.spec import ContainerSpec, Spec, TreeSpec
from docker_magics.embedded.state import State
from docker_magics.embedded.storage.driver import StorageDriver
from docker_magics.embedded.storage.overlay import OverlayDriver
from docker_magics.embedded.storage.rootfs import Rootfs


def spec(*args: str, **fields: Any) -> ContainerSpec:
    """Return the spec of a container that runs a program of this machine."""
    base = {
        "args": list(args), "env": ["PATH=/usr/bin:/bin"], "cwd": "/", "user": "", "groups": [],
        "tty": False, "stdin": False, "stdin_once": False, "size": None, "caps": [],
        "no_new_privs": False, "seccomp": None, "privileged": False, "ulimits": [],
        "id": "c", "namespaces": {}, "hostname": "c", "domainname": "", "sysctls": {},
        "default_sysctls": {}, "devices": [], "shm_size": 0, "masked": [], "read_only": [],
        "writable_cgroups": False,
        "mounts": [], "rootfs": {},
    }  # fmt: skip
    return cast("ContainerSpec", base | fields)


class PlainLauncher:
    """Executes the program as it is. A spec's `hostname` says which step fails."""

    def __init__(self, process: Spec) -> None:
        self._spec = process
        self._failing = str(process.get("hostname"))

    def prepare(self) -> None:
        self._step("prepare")

    def enter(self) -> None:
        self._step("enter")
        if self._failing == "die":
            os._exit(1)

    def _step(self, name: str) -> None:
        if self._failing == name:
            raise OSError(f"{name} failed")

    def renounce(self) -> None:
        self._step("renounce")

    def execute(self) -> NoReturn:
        self._step("execute")
        child.execute_or_exit(self._spec, child.find_program(self._spec, child.may_execute))

    def supervise(self, pid: int) -> None:
        pass

    def signal(self, pid: int, number: int) -> None:
        os.kill(pid, number)

    def exit_code(self, status: int) -> int:
        return proc.exit_code(status)

    def await_rest(self) -> None:
        """Leave it to its parent."""


class PlainDriver:
    """Runs processes of this machine."""

    name = "plain"
    description = "no isolation"
    id_mapping = IdMapping.NONE
    warnings = ()
    isolates_network = False
    divides_loopback = False
    enters_namespaces = False
    always_allowed: frozenset[str] = frozenset()

    def storage(self, _state: State) -> StorageDriver:
        return OverlayDriver(userxattr=True)

    def launcher(self, process: Spec) -> PlainLauncher:
        return PlainLauncher(process)

    @contextlib.contextmanager
    def files(self, _mount: TreeMounter, folder: Path, _spec: TreeSpec) -> Iterator[Rootfs]:
        with Rootfs(folder) as root:
            yield root

    def running_root(self, _pid: int) -> str | None:
        return None

    def processes(self, pid: int) -> list[int]:
        return [pid, *proc.descendants(pid)]

    def orphans(self, folder: Path) -> list[int]:
        return proc.of_program("sh", str(folder))
