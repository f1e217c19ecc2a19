"""The zygote: a small process that shims are forked from, with all modules that they need loaded.

Forking the engine itself would be slow. The zygote is forked from the engine before that has any
thread, and ends with it; shims do not.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from .. import syscalls
from ..errors import ApiError
from ..state import write_json
from ..storage.rootfs import Rootfs
from . import messages, shim
from .driver import RuntimeDriver
from .spec import TreeSpec

_log = logging.getLogger(__name__)
#: The spec of a tree to mount, in a container's folder.
_TREE_SPEC = "park.json"


class Zygote:
    """The engine's side: asks the zygote to fork. Safe to use from any thread.

    Create it before the engine has any thread.

    Args:
        driver: what shims run containers with.
    """

    def __init__(self, driver: RuntimeDriver) -> None:
        self._socket, theirs = messages.pair()
        self._lock = threading.Lock()
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _serve(theirs, driver)
        theirs.close()

    def start_shim(self, folder: Path, name: str) -> dict[str, Any]:
        """Fork a shim that runs the spec FOLDER/NAME.json.

        Returns:
            {"pid": of the first process} or {"error": why it cannot be made}.

        Raises:
            OSError: the shim has died.
            ApiError: the zygote has died.
        """
        with self._request({"op": "run", "folder": str(folder), "name": name}) as status:
            return messages.receive_line(status)

    @contextlib.contextmanager
    def mounted(self, folder: Path, spec: TreeSpec) -> Iterator[Rootfs]:
        """Fork a process that mounts the tree of a container which does not run.

        Raises:
            ApiError: it cannot be mounted.
        """
        write_json(folder / _TREE_SPEC, dict(spec))
        with self._request({"op": "park", "folder": str(folder)}) as status:
            answer = messages.receive_line(status)
            if "error" in answer:
                raise ApiError(answer["error"])
            with Rootfs(f"/proc/{answer['pid']}/cwd") as root:
                yield root

    @contextlib.contextmanager
    def _request(self, request: dict[str, Any]) -> Iterator[socket.socket]:
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with self._lock:
                    messages.send(self._socket, request, (theirs.fileno(),))
            except OSError as error:
                raise ApiError(f"the engine's zygote has died: {error}") from error
            finally:
                theirs.close()
            yield ours

    def close(self) -> None:
        """Let the zygote end; containers run on."""
        self._socket.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _serve(sock: socket.socket, driver: RuntimeDriver) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-c is for the engine to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps shims
    syscalls.set_name("docker-zygote")
    while (received := messages.receive(sock)) is not None:
        request, fds = received
        if os.fork() == 0:
            sock.close()
            _handle(request, fds[0], driver)
        for fd in fds:
            os.close(fd)
    os._exit(0)


def _handle(request: dict[str, Any], status: int, driver: RuntimeDriver) -> NoReturn:
    folder = Path(request["folder"])
    try:
        if request["op"] == "park":
            shim.hold_tree(json.loads((folder / _TREE_SPEC).read_text()), status)
        else:
            shim.run(folder, request["name"], status, driver)
    except Exception:
        _log.exception("shim %s", request)
    os._exit(0)
