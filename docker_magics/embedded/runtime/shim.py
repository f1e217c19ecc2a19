"""The shim: a process beside each container that runs it and outlives the engine.

It starts the container, relays its output and keeps its exit code. An engine that is killed leaves
containers and shims running, and the next one reattaches through the socket in the container's
folder. An exec has a shim of the same kind. Under systrap, it adopts the daemons that the exec
starts, and stays until they end.

FOLDER/NAME.json    the spec
FOLDER/NAME.sock    the socket
FOLDER/NAME.exit    {"code", "finished" (nanoseconds since 1970)}
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any, NoReturn

from .. import descriptors, syscalls
from ..errors import as_api_error
from ..state import write_json
from . import cgroup, child, dev, messages, pty, sandbox
from .driver import Launcher, RuntimeDriver
from .kernel_filesystems import shares_processes
from .logfile import LogFile
from .relay import Relay
from .spec import Spec, TreeSpec
from .stdio import Stdio


def run(folder: Path, name: str, status: int, driver: RuntimeDriver) -> None:
    """Run as the shim of a container or, if its spec says so, of an exec. Return when it ends.

    Args:
        folder: of the container.
        name: of the spec in it.
        status: a descriptor to which `{"pid": ...}` or `{"error": ...}` is written.
        driver: runs it.
    """
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    syscalls.set_name("docker-shim")
    with contextlib.suppress(OSError):  # it shares the zygote's, as where a user has too many
        syscalls.join_new_keyring()
    try:
        spec: Spec = json.loads((folder / f"{name}.json").read_text())
        listener = messages.listen(folder, f"{name}.sock")
    except OSError as error:
        _report(status, {"error": str(as_api_error(error))})
        return
    is_visible = ("join" in spec or shares_processes(spec)) and driver.enters_namespaces
    _Shim(folder / name, spec, listener, driver.launcher(spec), forks_again=is_visible).run(status)


class _Shim:
    """Runs one container or exec.

    Args:
        path: FOLDER/NAME, without a suffix.
        spec: the container or exec.
        listener: accepts the engine's connections.
        launcher: the runtime driver's.
        forks_again: whether the process that enters the container forks the first process.
    """

    def __init__(
        self,
        path: Path,
        spec: Spec,
        listener: socket.socket,
        launcher: Launcher,
        *,
        forks_again: bool,
    ) -> None:
        self._path = path
        self._spec = spec
        self._listener = listener
        self._launcher = launcher
        self._forks_again = forks_again
        self._ours, self._theirs = messages.pair()
        self._pid = 0
        self._status: int | None = None
        self._stdio = Stdio(tty=spec["tty"], stdin=spec["stdin"], once=bool(spec["stdin_once"]))

    def run(self, status: int) -> None:
        try:
            self._launcher.prepare()
            self._fork()
            self._await_creation()
        except (OSError, child.CannotStart) as error:
            self._abandon()
            self._remove_socket()
            _report(status, {"error": str(error)})
            return
        _report(status, {"pid": self._pid})
        self._launcher.supervise(self._pid)
        log = self._spec.get("log")
        relay = Relay(
            self._listener, self._pid, self._stdio, LogFile(**log) if log else None, self._answer
        )
        waiters = relay.run()
        exit_ = self._reap()
        self._remove_socket()
        relay.accept_waiting()
        for waiter in waiters:
            _send_exit(waiter, exit_)
        self._launcher.await_rest()

    def _reap(self) -> dict[str, Any]:
        """Reap the first process, and keep how it ended."""
        exit_ = {"code": self._launcher.exit_code(self._wait()), "finished": time.time_ns()}
        with contextlib.suppress(OSError):  # a full disk: clients that wait are told anyway
            write_json(self._path.with_name(f"{self._path.name}.exit"), exit_)
        return exit_

    def _remove_socket(self) -> None:
        """Remove the socket before anyone learns of the end: the next start makes a new one."""
        self._path.with_name(f"{self._path.name}.sock").unlink(missing_ok=True)

    def _wait(self) -> int:
        """Wait for the first process, and return its wait(2) status. Idempotent."""
        if self._status is None:
            _, self._status = os.waitpid(self._pid, 0)
        return self._status

    def _fork(self) -> None:
        procs_fds = cgroup.open_procs(self._spec.get("cgroup") or [])
        if self._forks_again:
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        self._pid = os.fork()
        if self._pid == 0:
            self._ours.close()
            self._listener.close()
            _ContainerInit(
                self._spec,
                self._theirs,
                self._stdio,
                self._launcher,
                procs_fds,
                forks_again=self._forks_again,
            ).run()
        for fd in procs_fds:
            os.close(fd)
        self._theirs.close()
        self._stdio.close_theirs()

    def _await_creation(self) -> None:
        message, fds = self._receive()
        if "pid" in message:
            os.waitpid(self._pid, 0)
            self._pid = message["pid"]
            messages.send(self._ours, {})
            message, fds = self._receive()
        if fds:
            self._stdio.take_terminal(fds[0])

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        received = messages.receive(self._ours)
        if received is None:
            raise child.CannotStart("the container's init process died while it was created")
        message, fds = received
        if "error" in message:
            raise child.CannotStart(message["error"])
        return message, fds

    def _abandon(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "start":
                return self._start()
            case "signal":
                return self._signal(request["number"])
            case _:
                return {"error": f"unknown operation {request['op']}"}

    def _start(self) -> dict[str, Any]:
        messages.send(self._ours, {})
        received = messages.receive(self._ours)
        answer: dict[str, Any] = received[0] if received else {}
        if "error" in answer:
            self._wait()  # otherwise `docker top` may still show it after the error
        return answer

    def _signal(self, number: int) -> dict[str, Any]:
        if self._status is not None:
            return {"error": os.strerror(errno.ESRCH)}
        try:
            self._launcher.signal(self._pid, number)
        except OSError as error:
            return {"error": os.strerror(error.errno or 0)}
        return {}


class _ContainerInit:
    """The container's init process, until it executes the container's program."""

    def __init__(
        self,
        spec: Spec,
        sock: socket.socket,
        stdio: Stdio,
        launcher: Launcher,
        procs_fds: list[int],
        *,
        forks_again: bool,
    ) -> None:
        self._spec = spec
        self._sock = sock
        self._stdio = stdio
        self._launcher = launcher
        self._procs_fds = procs_fds
        self._forks_again = forks_again

    def run(self) -> NoReturn:
        code = 126
        try:
            self._prepare()
            if messages.receive(self._sock) is None:  # the shim died, or the start was cancelled
                os._exit(137)
            if not self._forks_again:
                self._leave_host()
            self._launcher.execute()
        except child.CannotStart as error:
            self._refuse(error)
        except Exception as error:  # a traceback would be made of files of the container
            messages.send(self._sock, {"error": str(error), "code": code})
        os._exit(code)

    def _refuse(self, error: child.CannotStart) -> NoReturn:
        messages.send(self._sock, {"error": str(error), "code": error.exit_code})
        os._exit(error.exit_code)

    def _prepare(self) -> None:
        descriptors.restore_limit()
        self._launcher.enter()
        streams = self._stdio.theirs or (None, None, None)
        _use_streams(*(_empty_pipe() if fd is None else fd for fd in streams))
        if self._forks_again:
            self._leave_host()
            self._launcher.renounce()
            self._fork_again()
        os.setsid()
        fds: tuple[int, ...] = ()
        if self._stdio.tty:
            # a container without its own /dev/pts (proot) uses the host's
            master, slave = pty.open_pair()
            height, width = self._spec["size"] or (0, 0)
            if height and width:
                pty.resize(master, height, width)
            fds = (master,)
            _use_streams(slave, slave, slave)
        elif streams[0] is None:
            _use_null()
        messages.send(self._sock, {}, fds)
        if self._stdio.tty:
            pty.become_controlling(0)

    def _leave_host(self) -> None:
        """Enter the control group, and close all descriptors that lead to the host."""
        cgroup.enter(self._procs_fds)
        self._sock = socket.socket(fileno=descriptors.keep_only(self._sock.detach()))

    def _fork_again(self) -> None:
        """Go on in a child, which the container sees.

        A container with SYS_PTRACE traces every process in its PID namespace, and opens its
        /proc/PID/root and /proc/PID/fd: it must gain nothing of the host by that.
        """
        pid = os.fork()
        if pid:
            messages.send(self._sock, {"pid": pid})
            os._exit(0)
        messages.receive(self._sock)  # the shim is its parent now


def _use_streams(*streams: int) -> None:
    """Make descriptors the standard streams."""
    for number, fd in enumerate(streams):
        os.dup2(fd, number)


def _use_null() -> None:
    """Read from the null device of the container: it could change the owner of the host's.

    Where a program of the container has replaced it, standard input stays an empty pipe.
    """
    with contextlib.suppress(OSError):
        os.dup2(dev.open_device(os.devnull, 1, 3, os.O_RDONLY), 0)


def _empty_pipe() -> int:
    """Return a descriptor from which nothing is read."""
    reader, writer = os.pipe()
    os.close(writer)
    return reader


def hold_tree(spec: TreeSpec, status: int) -> None:
    """Mount a container's tree, and hold it until the other end of `status` is closed."""
    os.setsid()
    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        sandbox.mount_tree(spec)
    except (OSError, child.CannotStart) as error:
        os.write(status, json.dumps({"error": str(error)}).encode() + b"\n")
        return
    os.write(status, json.dumps({"pid": os.getpid()}).encode() + b"\n")
    with socket.socket(fileno=status) as sock:
        sock.recv(1)


def _report(status: int, message: dict[str, Any]) -> None:
    os.write(status, json.dumps(message).encode() + b"\n")
    os.close(status)


def _send_exit(waiter: socket.socket, exit_: dict[str, Any]) -> None:
    try:
        messages.send_line(waiter, exit_)
    except OSError:
        return
    finally:
        waiter.close()
