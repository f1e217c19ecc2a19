"""The process beside each container: it starts it, carries its output and remembers its exit code.

It belongs to no engine: one that is killed leaves containers and shims running, and the next one
takes them up again by the socket in the container's folder. An exec has a shim of the same kind.

FOLDER/NAME.json    the spec      FOLDER/NAME.sock    the socket      FOLDER/NAME.exit    the end
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ..errors import as_fault
from ..state import write_json
from . import cgroup, child, init, messages, proot, pty, sandbox, syscalls
from .logfile import LogFile
from .relay import Relay, Stdio

_NAMESPACES = ("net", "ipc", "uts", "mnt")


def run(folder: Path, name: str, status: int) -> None:
    """Be the shim of a container or, where its spec says so, of an exec. Returns at its end.

    Args:
        folder: of the container.
        name: of the spec in it.
        status: a descriptor to which `{"pid": ...}` or `{"error": ...}` is written.
    """
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    syscalls.set_name("docker-shim")
    try:
        spec = json.loads((folder / f"{name}.json").read_text())
        listener = messages.listen(folder, f"{name}.sock")
    except OSError as error:
        _report(status, {"error": str(as_fault(error))})
        return
    try:
        _Shim(folder, name, spec, listener).run(status)
    finally:
        (folder / f"{name}.sock").unlink(missing_ok=True)


class _Shim:
    def __init__(
        self, folder: Path, name: str, spec: dict[str, Any], listener: socket.socket
    ) -> None:
        self._folder = folder
        self._name = name
        self._spec = spec
        self._listener = listener
        self._ours, self._theirs = messages.pair()
        self._pid = 0
        self._last_signal = 0
        self._is_proot = spec["driver"] == proot.NAME
        self._stdio = Stdio(
            tty=bool(spec.get("tty")), stdin=bool(spec.get("stdin")), once=bool(spec["stdin_once"])
        )

    def run(self, report: int) -> None:
        try:
            if self._is_proot:
                self._prepare_proot()
            self._fork()
            self._await_creation()
        except (OSError, child.CannotStart) as error:
            _report(report, {"error": str(error)})
            self._abandon()
            return
        _report(report, {"pid": self._pid})
        if self._is_proot:
            threading.Thread(target=proot.oversee, args=(self._pid,), daemon=True).start()
        log = self._spec.get("log")
        relay = Relay(
            self._listener,
            self._pid,
            self._stdio,
            LogFile(**log) if log else None,
            self._answer,
        )
        waiters = relay.run()
        _, status = os.waitpid(self._pid, 0)
        end = {"code": self._exit_code(status), "finished": time.time_ns()}
        with contextlib.suppress(OSError):  # a full disk: who waits is told all the same
            write_json(self._folder / f"{self._name}.exit", end)
        relay.accept_waiting()
        for waiter in waiters:
            _tell(waiter, end)

    def _exit_code(self, status: int) -> int:
        code = init.exit_code(status)
        if self._is_proot and code == proot.KILLED and self._last_signal:
            return 128 + self._last_signal
        return code

    def _prepare_proot(self) -> None:
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        if "join" not in self._spec:
            proot.forget_memory(self._spec)

    def _fork(self) -> None:
        target = self._spec.get("join")
        kind = target or self._spec["namespaces"].get("pid", "new")
        namespaces = [] if target is None else _opened(target)
        if not self._is_proot:
            if isinstance(kind, int):
                sandbox.join(kind, "pid")
            elif kind == "new":
                syscalls.unshare(syscalls.CLONE_NEWPID)
        doors = cgroup.doors(self._spec.get("cgroup") or [])
        self._pid = os.fork()
        if self._pid == 0:
            self._ours.close()
            _First(self._spec, self._theirs, self._stdio, self._enter(namespaces), doors).run()
        for door in doors:
            os.close(door)
        self._theirs.close()
        self._stdio.let_theirs_go()

    def _enter(self, namespaces: list[int]) -> Callable[[], None]:
        """What takes the first process into the container."""
        spec = self._spec
        if self._is_proot:
            return lambda: None
        if namespaces:
            return lambda: _enter_all(namespaces)

        def make() -> None:
            sandbox.unshare(spec["namespaces"])
            sandbox.build(spec)

        return make

    def _await_creation(self) -> None:
        received = messages.receive(self._ours)
        if received is None:
            raise child.CannotStart("the container's first process died while it was made")
        message, fds = received
        if "error" in message:
            raise child.CannotStart(message["error"])
        if fds:
            self._stdio.take_terminal(fds[0])

    def _abandon(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "start":
                messages.send(self._ours, {})
                received = messages.receive(self._ours)
                return received[0] if received else {}
            case "signal":
                return self._signal(request["number"])
            case _:
                return {"error": f"no operation {request['op']}"}

    def _signal(self, number: int) -> dict[str, Any]:
        self._last_signal = number
        try:
            if self._is_proot:
                proot.signal_inside(self._pid, number)
            else:
                os.kill(self._pid, number)
        except OSError as error:
            return {"error": os.strerror(error.errno or 0)}
        return {}


class _First:
    """The first process, until it is the container's program."""

    def __init__(
        self,
        spec: dict[str, Any],
        sock: socket.socket,
        stdio: Stdio,
        enter: Callable[[], None],
        doors: list[int],
    ) -> None:
        self._spec: Any = spec
        self._sock = sock
        self._stdio = stdio
        self._enter = enter
        self._doors = doors

    def run(self) -> NoReturn:
        code = 126
        try:
            self._prepare()
            if messages.receive(self._sock) is None:  # the shim is gone, or wants it no more
                os._exit(137)
            cgroup.enter(self._doors)
            self._start()
        except child.CannotStart as error:
            self._refuse(error)
        except OSError as error:
            messages.send(self._sock, {"error": str(error), "code": code})
        os._exit(code)

    def _refuse(self, error: child.CannotStart) -> NoReturn:
        messages.send(self._sock, {"error": str(error), "code": error.exit_code})
        os._exit(error.exit_code)

    def _prepare(self) -> None:
        os.setsid()
        self._enter()
        fds: tuple[int, ...] = ()
        if self._stdio.tty:
            # a container without /dev/pts of its own (proot) uses the host's
            master, slave = pty.open_pair()
            height, width = self._spec.get("size") or (0, 0)
            if height and width:
                pty.resize(master, height, width)
            fds = (master,)
            ends = (slave, slave, slave)
        else:
            ends = self._stdio.theirs or (0, 1, 2)
        messages.send(self._sock, {}, fds)
        for number, fd in enumerate(ends):
            os.dup2(fd, number)
        if self._stdio.tty:
            pty.become_controlling(0)

    def _start(self) -> NoReturn:
        if self._spec["driver"] == proot.NAME:
            _execute(lambda: proot.execute(self._spec))
        if self._spec.get("init"):
            self._start_below_init()
        self._become()
        path = child.program(self._spec, child.may_execute)
        _execute(lambda: child.execute(self._spec, path))

    def _become(self) -> None:
        child.become(self._spec, pretend=bool(self._spec.get("pretend")))

    def _start_below_init(self) -> NoReturn:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            if self._stdio.tty:
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                os.tcsetpgrp(0, os.getpgid(0))
            self._become()
            init.execute(self._spec)
        self._sock.close()
        init.take_on_name(self._spec["args"])
        os._exit(init.reap(pid))


def _execute(program: Callable[[], None]) -> NoReturn:
    """Become the program. As runc, tell of what the kernel refuses in the container's output."""
    try:
        program()
    except OSError as error:
        words = os.strerror(error.errno or 0).lower()
        os.write(2, f"exec {error.filename}: {words}\n".encode())
    os._exit(1)


def _opened(pid: int) -> list[int]:
    """The namespaces of a container's first process, for an exec to enter; its root last."""
    return [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in _NAMESPACES]


def _enter_all(namespaces: list[int]) -> None:
    for fd in namespaces:
        syscalls.setns(fd)


def park(spec: dict[str, Any], status: int) -> None:
    """Make a container's file tree, and hold it until the other end of `status` is closed."""
    os.setsid()
    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        sandbox.mount_tree(spec)
    except OSError as error:
        os.write(status, json.dumps({"error": str(error)}).encode() + b"\n")
        return
    os.write(status, json.dumps({"pid": os.getpid()}).encode() + b"\n")
    with socket.socket(fileno=status) as sock:
        sock.recv(1)


def _report(status: int, message: dict[str, Any]) -> None:
    os.write(status, json.dumps(message).encode() + b"\n")
    os.close(status)


def _tell(waiter: socket.socket, end: dict[str, Any]) -> None:
    try:
        messages.send_line(waiter, end)
    except OSError:
        return
    finally:
        waiter.close()
