"""The init process of `--init`: forwards signals to the container's program, reaps orphans.

source: krallin/tini, whose messages clients know; proc(5), /proc/pid/cmdline.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from pathlib import Path
from typing import NoReturn

from .. import syscalls
from . import child
from .spec import ProcessSpec

_PROGRAM = "/sbin/docker-init"


def execute(spec: ProcessSpec) -> NoReturn:
    """Execute the program; if that fails, print the message of tini and exit with its code."""
    try:
        child.execute(spec, child.find_program(spec, child.may_execute))
    except child.CannotStart as error:
        code = error.exit_code
        reason = "No such file or directory" if code == 127 else "Permission denied"
    except OSError as error:
        code = 127 if isinstance(error, FileNotFoundError) else 126
        reason = os.strerror(error.errno or 0)
    message = f"[FATAL tini ({os.getpid()})] exec {spec['args'][0]} failed: {reason}\n"
    os.write(2, message.encode())
    os._exit(code)


def set_process_title(args: list[str]) -> None:
    """Show up in `ps` as docker-init with these arguments."""
    syscalls.set_name("docker-init")
    with contextlib.suppress(OSError, ValueError, IndexError):
        _overwrite_command_line([_PROGRAM, "--", *args])


def _overwrite_command_line(args: list[str]) -> None:
    """Overwrite this process's command line, and its environment, which is the engine's.

    If the last byte of the command line is not NUL, the kernel reads on into the environment.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end, _, environment_end = map(int, fields[45:49])
    text = b"\0".join(map(os.fsencode, args)) + b"\0"
    if len(text) > end - start:
        text = text[:-1].replace(b"\0", b" ")[: environment_end - start - 1]
    ctypes.memset(start, 0, environment_end - start)
    ctypes.memmove(start, text, len(text))


def reap(program: int) -> int:
    """Forward signals to the program and reap all children; return the program's exit code."""

    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(program, number)

    for number in set(signal.Signals) - {signal.SIGCHLD, signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, forward)
    while True:
        pid, status = os.wait()
        if pid == program:
            return exit_code(status)


def exit_code(status: int) -> int:
    """Return the exit code of a wait(2) status, as `docker wait` prints it."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
