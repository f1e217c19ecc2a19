"""Opens files for the processes of a container whose files are an image's own, under systrap.

The border (Landlock) lets them write to no file of such a root (`storage/shared_tree.py`). They
send a descriptor of the file (O_PATH) to their shim, which has no border. It copies the file, if it
is the image's, in its place, and opens it. What it receives comes from strangers: it opens only
files that are in the root at that moment and do not belong to an image.

source: `systrap/broker.h` in the project's repository; unix(7): SCM_RIGHTS; fifo(7).
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from .. import descriptors
from ..storage import shared_tree
from .moved_files import MovedFiles, Name
from .own_files import OwnFiles

#: A request: flags of open(2); with it, where to answer and the file. An answer: 0 and a
#: descriptor, or a negative error number.
_REQUEST, _ANSWER = struct.Struct("Q"), struct.Struct("q")
#: A request to move or link a file: which, and both names; with it, where to answer and both
#: folders.
_MOVE = struct.Struct("Q256s256s")
_LINKS = 1
_CREDENTIALS = struct.Struct("3i")
#: How many pipes of one container may wait for their other ends, at most; and, as each takes three
#: descriptors of the shim's, which part of the shim's limit they may be.
_MOST_PIPES, _PIPES_SHARE = 64, 8
#: How long a thread that opens a pipe for a process that has ended may take to notice that.
_NOTICE_S = 1.0


class FileBroker:
    """Opens files of one root for the process of a container or an exec, and all that it starts.

    Args:
        root: the root.
        files: which of its files are an image's.
    """

    def __init__(self, root: Path, files: shared_tree.SharedFiles) -> None:
        self._path = root.with_name(f"files-{os.getpid()}")
        self._files = OwnFiles(root, files)
        self._moved = MovedFiles(self._files)
        pipes = max(1, min(_MOST_PIPES, descriptors.limit() // _PIPES_SHARE))
        self._pipes = threading.BoundedSemaphore(pipes)
        self._waiting: dict[int, int] = {}  # thread -> where it will answer
        self._waiting_lock = threading.Lock()
        signal.signal(signal.SIGURG, _ignore)  # interrupts open(2)
        self._path.unlink(missing_ok=True)  # of an earlier process with this PID
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with _short(self._path) as path:
            self._listener.bind(path)
        self._listener.listen()

    def connect(self) -> int:
        """Return the first process's descriptor to ask by, which it inherits to its children."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with _short(self._path) as path:
            client.connect(path)
        client.set_inheritable(True)
        return client.detach()

    def start(self, pid: int) -> None:
        """Answer requests of the first process and its children, in a thread."""
        threading.Thread(target=self._serve, args=(pid,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._path.unlink(missing_ok=True)

    def _serve(self, pid: int) -> None:
        try:
            requests = self._accept(pid)
        except OSError:  # it was closed
            return
        finally:
            self._listener.close()
            self._path.unlink(missing_ok=True)
        with requests, contextlib.suppress(ConnectionResetError):
            while True:
                data, fds, _, _ = socket.recv_fds(requests, _MOVE.size, 3)
                for fd in fds:  # recv_fds of Python 3.11 ignores MSG_CMSG_CLOEXEC
                    os.set_inheritable(fd, False)  # noqa: FBT003 - os's API
                if not data and not fds and _has_ended(requests):
                    return
                self._answer(data, fds)

    def _accept(self, pid: int) -> socket.socket:
        """Return the connection of the first process: others may connect too."""
        while True:
            client = descriptors.accept(self._listener)
            peer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            if _CREDENTIALS.unpack(peer)[0] == pid:
                return client
            client.close()

    def _answer(self, data: bytes, fds: list[int]) -> None:
        if len(data) == _MOVE.size and len(fds) == 3:
            self._move(data, *fds)
            return
        if len(data) != _REQUEST.size or len(fds) != 2:
            _close(fds)
            return
        (flags,) = _REQUEST.unpack(data)
        if _is_pipe(fds[1]):
            self._open_pipe(flags, *fds)
        else:
            self._open(flags, *fds)

    def _open_pipe(self, flags: int, reply: int, fd: int) -> None:
        """Open a pipe in a thread, as that waits for its other end; EAGAIN if too many wait."""
        if not (self._pipes.acquire(blocking=False) or self._take_over()):
            _send(reply, -errno.EAGAIN)
            _close([reply, fd])
            return
        try:
            threading.Thread(target=self._wait, args=(flags, reply, fd), daemon=True).start()
        except RuntimeError:  # no more threads
            self._pipes.release()
            _send(reply, -errno.EAGAIN)
            _close([reply, fd])

    def _take_over(self) -> bool:
        """Whether there is room for a pipe after those have been given up whose askers ended."""
        with self._waiting_lock:
            given_up = [thread for thread, reply in self._waiting.items() if _has_hung_up(reply)]
            for thread in given_up:
                signal.pthread_kill(thread, signal.SIGURG)
        return bool(given_up) and self._pipes.acquire(timeout=_NOTICE_S)

    def _wait(self, flags: int, reply: int, fd: int) -> None:
        try:
            with self._interruptible(reply):
                answer = self._result(flags, fd)
            _finish(answer, reply, fd)
        finally:
            self._pipes.release()

    @contextlib.contextmanager
    def _interruptible(self, reply: int) -> Iterator[None]:
        """Let `_take_over` interrupt this thread while the block runs."""
        thread = threading.get_ident()
        with self._waiting_lock:
            self._waiting[thread] = reply
        try:
            yield
        finally:
            with self._waiting_lock:
                del self._waiting[thread]

    def _move(self, data: bytes, reply: int, source: int, target: int) -> None:
        """Move or link a file between folders; send its descriptor, or the error."""
        kind, *names = _MOVE.unpack(data)
        old, new = (os.fsdecode(name.partition(b"\0")[0]) for name in names)
        act = self._moved.link if kind & _LINKS else self._moved.move
        try:
            answer = act(Name(source, old), Name(target, new))
        except OSError as error:
            answer = -(error.errno or errno.EIO)
        os.close(target)
        _finish(answer, reply, source)

    def _open(self, flags: int, reply: int, fd: int) -> None:
        """Open a file and send it, or the error."""
        _finish(self._result(flags, fd), reply, fd)

    def _result(self, flags: int, fd: int) -> int:
        """Open a file; return its descriptor, or a negative error number."""
        try:
            return self._files.open(fd, flags)
        except OSError as error:
            return -(error.errno or errno.EIO)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Yield another path of a socket: an address has 107 bytes."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _ignore(*_: object) -> None:
    """Handle a signal: it interrupts the system call of the thread that receives it."""


def _has_hung_up(reply: int) -> bool:
    """Whether the process that waits for an answer has ended."""
    ends = select.poll()
    ends.register(reply, 0)
    return bool(ends.poll(0))


def _has_ended(requests: socket.socket) -> bool:
    """Whether the other end is closed; otherwise what came was an empty message."""
    ends = select.poll()
    ends.register(requests, select.POLLRDHUP)
    return bool(ends.poll(0))


def _finish(answer: int, reply: int, fd: int) -> None:
    """Send a descriptor or a negative error number; close all of a request."""
    if answer < 0:
        _send(reply, answer)
    else:
        _send(reply, 0, answer)
        os.close(answer)
    _close([reply, fd])


def _send(reply: int, answer: int, *fds: int) -> None:
    """Send an answer to whom asked, if that is still there, and a socket."""
    with contextlib.suppress(OSError):
        client = socket.socket(fileno=reply)
        try:
            socket.send_fds(client, [_ANSWER.pack(answer)], fds, socket.MSG_DONTWAIT)
        finally:
            client.detach()


def _is_pipe(fd: int) -> bool:
    return stat.S_ISFIFO(os.fstat(fd).st_mode)


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)
