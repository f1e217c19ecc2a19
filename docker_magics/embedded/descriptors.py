"""File descriptors: their limit, the errors of a shortage, and those that were inherited.

source: getrlimit(2), accept(2), close_range(2); Go's os/rlimit.go and syscall/rlimit.go.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
import time
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

_T = TypeVar("_T")
#: Read when this module is loaded, before the engine raises it.
_SOFT, _HARD = resource.getrlimit(resource.RLIMIT_NOFILE)

_STDERR = 2

#: Descriptors or memory are short: the call works again later.
SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
#: After these errors, accept(2) works again.
_TEMPORARY = SHORTAGES | {errno.ECONNABORTED}
#: How long to wait after a failed accept(2), doubled each time: as Go's net/http does.
_MIN_PAUSE_S, _MAX_PAUSE_S = 0.005, 1.0


def accept(listener: socket.socket) -> socket.socket:
    """Return the next connection of a listening socket. Wait while descriptors are short.

    Raises:
        OSError: the listener is closed.
    """
    return _repeat(lambda: listener.accept()[0], _TEMPORARY)


def open_pidfd(pid: int) -> int:
    """Return a descriptor of a process, see pidfd_open(2). Wait while descriptors are short.

    Raises:
        ProcessLookupError: no such process.
    """
    return _repeat(lambda: os.pidfd_open(pid), SHORTAGES)


def _repeat(call: Callable[[], _T], temporary: Collection[int]) -> _T:
    """Return the result of a call; repeat it after temporary errors, given their numbers."""
    pause = _MIN_PAUSE_S
    while True:
        try:
            return call()
        except OSError as error:
            if error.errno not in temporary:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _MAX_PAUSE_S)


def raise_limit() -> None:
    """Allow the engine as many descriptors as the hard limit does."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_HARD, _HARD))


def original_limits() -> tuple[int, int]:
    """Return the soft and the hard limit that the engine was started with."""
    return _SOFT, _HARD


def restore_limit() -> None:
    """Undo `raise_limit` in a forked process, for the programs of containers."""
    resource.setrlimit(resource.RLIMIT_NOFILE, original_limits())


def limit() -> int:
    """Return how many descriptors this process may have."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def close_all(but: Iterable[int] = ()) -> None:
    """Close all descriptors but 0, 1, 2 and some more: they may lead to files of the host."""
    _close([fd for fd in _above(_STDERR) if fd not in set(but)])


def open_stdio() -> None:
    """Open the null device as 0, 1 and 2 where they are closed: another file would become one.

    Call it before ctypes is imported, as libffi 3.5 then opens its own file and keeps it open.
    """
    while (fd := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(fd)


def keep_only(fd: int) -> int:
    """Close all descriptors but 0, 1, 2 and one, whose new number is returned.

    Close-on-exec would be too late: the kernel opens the interpreter of a script while the
    descriptors of the process that executes it are open, and `#!/proc/self/fd/N/bin/sh` is a path
    below one of them.
    """
    from . import syscalls  # not above: `open_stdio` has to come before it

    kept = _STDERR + 1
    if fd != kept:
        os.dup2(fd, kept, inheritable=False)
    try:
        syscalls.close_range(kept + 1)
    except OSError:  # Linux before 5.9, or a filter that hides the call
        _close(_above(kept))
    return kept


def _above(last: int) -> list[int]:
    return [fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > last]


def _close(fds: list[int]) -> None:
    for fd in fds:
        with contextlib.suppress(OSError):
            os.close(fd)
