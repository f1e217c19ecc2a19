"""What `--init` puts in front of a container's program: it forwards signals and reaps.

source: krallin/tini, whose words clients know; proc(5), /proc/pid/cmdline.
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
    """Become the program; what cannot be executed ends as it does below tini."""
    try:
        child.execute(spec, child.find_program(spec, child.may_execute))
    except child.CannotStart as error:
        code = error.exit_code
        words = "No such file or directory" if code == 127 else "Permission denied"
    except OSError as error:
        code = 127 if isinstance(error, FileNotFoundError) else 126
        words = os.strerror(error.errno or 0)
    fatal = f"[FATAL tini ({os.getpid()})] exec {spec['args'][0]} failed: {words}\n"
    os.write(2, fatal.encode())
    os._exit(code)


def set_process_title(args: list[str]) -> None:
    """Show up in `ps` as docker-init with these arguments."""
    syscalls.set_name("docker-init")
    with contextlib.suppress(OSError, ValueError, IndexError):
        _show([_PROGRAM, "--", *args])


def _show(words: list[str]) -> None:
    """Write over the command line, and over the environment, which is none of the container's.

    The kernel reads a longer line on into the environment where its last byte is no NUL.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end, _, environment_end = map(int, fields[45:49])
    text = b"\0".join(map(os.fsencode, words)) + b"\0"
    if len(text) > end - start:
        text = text[:-1].replace(b"\0", b" ")[: environment_end - start - 1]
    ctypes.memset(start, 0, environment_end - start)
    ctypes.memmove(start, text, len(text))


def reap(program: int) -> int:
    """Forward signals to the program, reap everyone, give the program's exit code."""

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
    """What `docker wait` prints of a status of wait(2)."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
