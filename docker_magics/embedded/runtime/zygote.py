"""The process that shims are forked from: small, and with everything loaded that they need.

It is forked from the engine before that has any thread, and ends with it; shims do not.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

from . import messages, shim, syscalls

_log = logging.getLogger(__name__)


def fork() -> tuple[int, socket.socket]:
    """Fork the zygote; gives its PID and the socket on which it takes orders."""
    ours, theirs = messages.pair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _serve(theirs)
    theirs.close()
    return pid, ours


def _serve(sock: socket.socket) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-c is the engine's to heed
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for shims
    syscalls.set_name("docker-zygote")
    while (received := messages.receive(sock)) is not None:
        order, fds = received
        if os.fork() == 0:
            sock.close()
            _obey(order, fds[0])
        for fd in fds:
            os.close(fd)
    os._exit(0)


def _obey(order: dict[str, Any], status: int) -> NoReturn:
    try:
        if order["op"] == "park":
            shim.park(json.loads(Path(order["folder"], "park.json").read_text()), status)
        else:
            shim.run(Path(order["folder"]), order["name"], status)
    except Exception:
        _log.exception("shim %s", order)
    os._exit(0)
