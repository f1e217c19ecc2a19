"""The zygote: a small process that shims are forked from, with all modules that they need loaded.

Forking the engine itself would be slow. The first zygote is forked from the engine before that has
any thread; one that is killed is replaced by another, which is executed. It ends with the engine;
shims do not. Other helper processes of the engine that are replaced are forked from it too.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import pickle
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .. import descriptors, processes, syscalls
from ..errors import ApiError
from ..state import write_json
from ..storage.rootfs import Rootfs
from . import interpreter, messages, shim
from .driver import RuntimeDriver
from .spec import TreeSpec

_log = logging.getLogger(__name__)
#: The spec of a tree to mount, in a container's folder.
_TREE_SPEC = "park.json"
#: How often a request is made if zygote or shim are killed meanwhile.
_ATTEMPTS = 3


class Zygote:
    """The engine's side: asks the zygote to fork. Safe to use from any thread.

    Create it before the engine has any thread.

    Args:
        driver: what shims run containers with; it can be pickled.
    """

    def __init__(self, driver: RuntimeDriver) -> None:
        self._driver = driver
        self._lock = threading.Lock()
        self._is_closed = False
        self._socket, theirs = messages.pair()
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _serve(theirs, driver)
        theirs.close()

    def keep(self) -> None:
        """Replace the zygote whenever it ends. The engine may have threads from now on."""
        processes.keep("the zygote", lambda: self._pid, self._replace)

    def _replace(self, ended: int) -> bool:
        """Replace the zygote that had the PID `ended`; return False if the engine ends."""
        with self._lock:
            if self._pid == ended and not self._is_closed:
                self._start_anew()
            return not self._is_closed

    def _start_anew(self) -> None:
        """Execute another zygote, as a process with threads must not fork; the lock is held."""
        self._socket.close()
        self._socket, theirs = messages.pair()
        with theirs:
            pid = processes.execute(__name__, theirs)
        try:
            self._socket.send(pickle.dumps(self._driver))
            received = messages.receive(self._socket)
        except OSError:
            received = None
        answer = received[0] if received else {"error": processes.reason_of_end(pid)}
        if "error" in answer:
            raise processes.StartError(f"cannot start the zygote: {answer['error']}")
        self._pid = pid

    def start_shim(self, folder: Path, name: str) -> dict[str, Any]:
        """Fork a shim that runs the spec FOLDER/NAME.json.

        Returns:
            {"pid": of the first process} or {"error": why it cannot be made}.

        Raises:
            ApiError: zygote or shim are killed again and again.
        """
        with self._request({"op": "run", "folder": str(folder), "name": name}) as (answer, _):
            return answer

    def fork(self, module: str, fds: Sequence[int]) -> int:
        """Fork a process that calls `serve` of a module with descriptors; return its PID.

        It shares the memory of the zygote, unlike one that is executed.

        Raises:
            ApiError: the zygote is killed again and again.
        """
        with self._request({"op": "serve", "module": module}, fds) as (answer, _):
            if "error" in answer:
                raise ApiError(answer["error"])
            return int(answer["pid"])

    @contextlib.contextmanager
    def mounted(self, folder: Path, spec: TreeSpec) -> Iterator[Rootfs]:
        """Fork a process that mounts the tree of a container which does not run.

        Raises:
            ApiError: it cannot be mounted.
        """
        write_json(folder / _TREE_SPEC, dict(spec))
        with self._request({"op": "park", "folder": str(folder)}) as (answer, _):
            if "error" in answer:
                raise ApiError(answer["error"])
            with Rootfs(f"/proc/{answer['pid']}/cwd") as root:
                yield root

    @contextlib.contextmanager
    def _request(
        self, request: dict[str, Any], fds: Sequence[int] = ()
    ) -> Iterator[tuple[dict[str, Any], socket.socket]]:
        """Yield the answer to a request, and the connection to the process that gave it."""
        for attempt in range(1, _ATTEMPTS + 1):
            ours, theirs = socket.socketpair()
            with ours:
                try:
                    with theirs:
                        self._send(request, (theirs.fileno(), *fds))
                    answer = messages.receive_line(ours)
                except processes.StartError as error:
                    if attempt == _ATTEMPTS:
                        raise ApiError(str(error)) from error
                    continue
                except OSError as error:  # killed before it answered: nothing of it runs
                    if attempt == _ATTEMPTS:
                        raise ApiError(f"cannot fork a shim: {error}; try again") from error
                    continue
                yield answer, ours
                return

    def _send(self, request: dict[str, Any], fds: tuple[int, ...]) -> None:
        with self._lock:
            try:
                messages.send(self._socket, request, fds)
            except OSError:
                if self._is_closed:
                    raise
                self._start_anew()
                messages.send(self._socket, request, fds)

    def close(self) -> None:
        """Let the zygote end; containers run on."""
        with self._lock:
            self._is_closed = True
            self._socket.close()
        processes.wait_for_end(self._pid)


def _serve(sock: socket.socket, driver: RuntimeDriver) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-c is for the engine to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps shims
    syscalls.set_name("docker-zygote")
    descriptors.close_all(but=[sock.fileno()])  # the engine's lock
    with contextlib.suppress(OSError):  # where containers have no keys either
        syscalls.join_new_keyring()
    while (received := messages.receive(sock)) is not None:
        request, fds = received
        try:
            if os.fork() == 0:
                sock.close()
                _handle(request, fds, driver)
        except OSError as error:  # too many processes, or no memory
            _refuse(fds, error)
        for fd in fds:
            os.close(fd)
    os._exit(0)


def _refuse(fds: Sequence[int], error: OSError) -> None:
    """Answer a request for which no process can be forked."""
    with contextlib.suppress(OSError, IndexError), socket.socket(fileno=os.dup(fds[0])) as status:
        messages.send_line(status, {"error": f"cannot fork: {error.strerror}"})


def _handle(request: dict[str, Any], fds: Sequence[int], driver: RuntimeDriver) -> NoReturn:
    status, *others = fds
    try:
        match request["op"]:
            case "serve":
                with socket.socket(fileno=status) as sock:
                    messages.send_line(sock, {"pid": os.getpid()})
                os.setsid()
                importlib.import_module(request["module"]).serve(*others)
            case "park":
                spec = json.loads((Path(request["folder"]) / _TREE_SPEC).read_text())
                shim.hold_tree(spec, status)
            case _:
                shim.run(Path(request["folder"]), request["name"], status, driver)
    except Exception:
        _log.exception("%s", request)
    os._exit(0)


def _main() -> NoReturn:
    """Serve the engine; its first message is the driver."""
    descriptors.close_all()
    with contextlib.suppress(OSError):
        interpreter.execute_again()
    descriptors.raise_limit()
    sock = processes.take_stdin()
    driver: RuntimeDriver = pickle.loads(sock.recv(messages.MAX_MESSAGE))  # noqa: S301 - the engine's
    if driver.enters_namespaces and not interpreter.is_read_only():
        messages.send(sock, {"error": "containers could change the Python interpreter"})
        os._exit(1)
    messages.send(sock, {})
    gc.collect()
    gc.freeze()  # shims share this memory until it is written to
    _serve(sock, driver)


if __name__ == "__main__":
    _main()
