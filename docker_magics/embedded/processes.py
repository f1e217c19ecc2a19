"""The engine's own processes: executed anew once it has threads, and replaced when they end.

source: pidfd_open(2).
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from . import descriptors, private_environment

_log = logging.getLogger(__name__)
#: Between two replacements of a process that ends at once.
_PAUSE_S = 0.2
#: How long a process may take to end.
_END_S = 1.0
#: Executes a module with the limit of descriptors that the engine itself was started with.
_CODE = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, {limits})
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


class StartError(ConnectionError):
    """A process ended instead of starting. The message says which one, and why."""


def execute(module: str, stdin: socket.socket) -> int:
    """Execute a module in a new process, as `python -m` does; return its PID.

    Unlike a fork, this is safe in a process with threads.

    Args:
        module: its full name. Its arguments are the engine's own, as `ps` shows them.
        stdin: its standard input: a socket over which it serves.

    Raises:
        OSError: no process can be created.
    """
    code = _CODE.format(limits=descriptors.original_limits(), module=module)
    process = subprocess.Popen(  # noqa: S603 - the engine itself, as this user
        [sys.executable, "-c", code, *sys.argv[1:]],
        stdin=stdin.fileno(),
        env=private_environment.public(),
        start_new_session=True,
    )
    process.returncode = 0  # `wait_for_end` reaps it
    return process.pid


def take_stdin() -> socket.socket:
    """Return the socket that `execute` has passed; the null device is standard input then."""
    sock = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return sock


def wait_for_end(pid: int, seconds: float | None = None) -> int | None:
    """Wait until a process has ended; reap it if this process has started it.

    Args:
        pid: of the process; 0 for none.
        seconds: to wait at most; None for no limit.

    Returns:
        Its exit code, or a signal as a negative number; None unless it was reaped.
    """
    if not pid:
        return None
    with contextlib.suppress(ProcessLookupError):
        fd = os.pidfd_open(pid)
        try:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            poll.poll(None if seconds is None else 1000 * seconds)
        finally:
            os.close(fd)
    with contextlib.suppress(ChildProcessError):
        reaped, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if reaped else None
    return None


def reason_of_end(pid: int) -> str:
    """Return why a process that should have started does not answer; it is ending."""
    code = wait_for_end(pid, _END_S)
    if code is None:
        return "it does not answer" if os.path.exists(f"/proc/{pid}") else "it has ended"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def keep(name: str, pid: Callable[[], int], replace: Callable[[int], bool]) -> None:
    """Replace a process whenever it ends, in a thread.

    Args:
        name: of the process, for the log.
        pid: returns that of the current one.
        replace: gets the PID of the one that has ended, and starts another; returns whether to go
            on.
    """

    def run() -> None:
        while True:
            try:
                ended = pid()
                wait_for_end(ended)
                if not replace(ended):
                    return
                _log.warning("%s (process %d) has ended: it was replaced", name, ended)
            except Exception:
                _log.exception("cannot replace %s", name)
            time.sleep(_PAUSE_S)

    threading.Thread(target=run, name=f"keeps {name}", daemon=True).start()
