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
import fcntl
import os
import secrets
import select
import shutil
import signal
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from .. import descriptors, syscalls
from ..storage import shared_tree

#: A request: flags of open(2); with it, where to answer and the file. An answer: 0 and a
#: descriptor, or a negative error number.
_REQUEST, _ANSWER = struct.Struct("Q"), struct.Struct("q")
_CREDENTIALS = struct.Struct("3i")
_FLAGS = (
    os.O_ACCMODE | os.O_TRUNC | os.O_APPEND | os.O_NONBLOCK | os.O_SYNC | os.O_DIRECT
    | os.O_NOATIME | os.O_PATH
)  # fmt: skip
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
                data, fds, _, _ = socket.recv_fds(requests, _REQUEST.size, 2)
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

    def _open(self, flags: int, reply: int, fd: int) -> None:
        """Open a file and send it, or the error."""
        _finish(self._result(flags, fd), reply, fd)

    def _result(self, flags: int, fd: int) -> int:
        """Open a file; return its descriptor, or a negative error number."""
        try:
            return self._files.open(fd, flags)
        except OSError as error:
            return -(error.errno or errno.EIO)


class OwnFiles:
    """Opens those files of a root that are the container's own, and makes them so.

    Args:
        root: the root.
        files: which of its files are an image's.
    """

    def __init__(self, root: Path, files: shared_tree.SharedFiles) -> None:
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY)
        self._prefix = self._path()
        self._drafts = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._files = files

    def open(self, fd: int, flags: int) -> int:
        """Open a file that is in the root; an image's is copied before.

        Args:
            fd: of the file, as by O_PATH.
            flags: of open(2). With O_PATH, the answer is for other changes than of the content;
                with O_EXCL, it was just made, and its mode does not matter.

        Raises:
            OSError: EXDEV if O_PATH asks to change a file that is not an image's; ESTALE if an
                image's file has no name in the root; EACCES if another is outside of the root.
        """
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
            raise PermissionError(errno.EACCES, "it is no file")
        is_shared = self._files.has(status)
        if flags & os.O_PATH and not is_shared:
            raise OSError(errno.EXDEV, "it is no image's")
        with self._find(fd, status) as (folder, name):
            if not is_shared:
                return _open(fd, status, flags)
            _check_writable(fd, flags)
            # the filesystem may refuse O_DIRECT, and then truncates nothing
            truncates = flags & os.O_TRUNC and not flags & os.O_DIRECT
            own = self._copy(fd, status, folder, name, with_content=not truncates)
        try:
            return _open(own, os.fstat(own), flags & ~os.O_EXCL)
        finally:
            os.close(own)

    def _path(self) -> bytes:
        """Return where the root is: it is moved when its container is removed."""
        return os.fsencode(os.readlink(f"/proc/self/fd/{self._root}")) + b"/"

    @contextlib.contextmanager
    def _find(self, fd: int, status: os.stat_result) -> Iterator[tuple[int, str]]:
        """Yield the folder in which a file is, and its name there."""
        path = os.fsencode(os.readlink(f"/proc/self/fd/{fd}"))
        if not path.startswith(self._prefix):
            number = errno.ESTALE if self._files.has(status) else errno.EACCES
            raise OSError(number, "it is outside of the root")
        above, name = os.path.split(os.fsdecode(path.removeprefix(self._prefix)))
        flags = os.O_PATH | os.O_DIRECTORY
        folder = syscalls.open_beneath(self._root, above or ".", flags, links=False)
        try:
            present = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not os.path.samestat(present, status):
                raise OSError(errno.ESTALE, "it has moved")
            yield folder, name
        except FileNotFoundError:
            raise OSError(errno.ESTALE, "it was removed") from None
        finally:
            os.close(folder)

    def _copy(
        self, fd: int, status: os.stat_result, folder: int, name: str, *, with_content: bool
    ) -> int:
        """Put a copy of a file in its place; return its descriptor (O_PATH).

        Only one is made at a time: another shim could replace a copy that is already written to.
        """
        fcntl.flock(self._drafts, fcntl.LOCK_EX)
        try:
            if self._path() != self._prefix:
                raise OSError(errno.ESTALE, "the root is another container's by now")
            present = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
            there = os.fstat(present)
            if stat.S_ISREG(there.st_mode) and not self._files.has(there):
                return present  # another shim has copied it
            os.close(present)
            if not os.path.samestat(there, status):
                raise OSError(errno.ESTALE, "it has moved")
            return self._replace(fd, status, folder, name, with_content=with_content)
        finally:
            fcntl.flock(self._drafts, fcntl.LOCK_UN)

    def _replace(
        self, fd: int, status: os.stat_result, folder: int, name: str, *, with_content: bool
    ) -> int:
        draft = f"draft-{secrets.token_hex(8)}"
        times = os.stat(f"/proc/self/fd/{folder}")
        made = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._drafts)
        try:
            _fill(made, fd, status, with_content=with_content)
            opened = os.open(draft, os.O_PATH | os.O_NOFOLLOW, dir_fd=self._drafts)
            syscalls.exchange(draft, name, self._drafts, folder)
            replaced = os.stat(draft, dir_fd=self._drafts, follow_symlinks=False)
            if not os.path.samestat(replaced, status):  # a process has replaced it meanwhile
                syscalls.exchange(draft, name, self._drafts, folder)
                os.close(opened)
                raise OSError(errno.ESTALE, "it has moved")
        finally:
            os.close(made)
            os.unlink(draft, dir_fd=self._drafts)
        with contextlib.suppress(OSError):
            os.utime(f"/proc/self/fd/{folder}", ns=(times.st_atime_ns, times.st_mtime_ns))
        return opened


def _fill(made: int, source: int, status: os.stat_result, *, with_content: bool) -> None:
    """Give a new file the content, mode, times and attributes of another."""
    if with_content and status.st_size:
        content = _open(source, status, os.O_RDONLY | os.O_EXCL)
        try:
            _copy_content(content, made)
        finally:
            os.close(content)
    shutil.copystat(f"/proc/self/fd/{source}", f"/proc/self/fd/{made}")


def _copy_content(source: int, target: int) -> None:
    with open(source, "rb", 0, closefd=False) as reader, open(target, "wb", 0, closefd=False) as to:
        shutil.copyfileobj(reader, to, 1 << 20)


def _check_writable(fd: int, flags: int) -> None:
    """Refuse what the mode forbids before the copy is made, which may have no content."""
    writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC) and not flags & os.O_PATH
    if writes and not os.access(f"/proc/self/fd/{fd}", os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _open(fd: int, status: os.stat_result, flags: int) -> int:
    """Open a file again; if it was just made, whatever its mode."""
    path = f"/proc/self/fd/{fd}"
    if stat.S_ISFIFO(status.st_mode):  # os.open would try again after a signal
        return syscalls.open_once(path, (flags & _FLAGS) | os.O_NOCTTY)
    try:
        return os.open(path, (flags & _FLAGS) | os.O_NOCTTY)
    except PermissionError:
        if not flags & os.O_EXCL:
            raise
    os.chmod(path, stat.S_IMODE(status.st_mode) | stat.S_IRUSR | stat.S_IWUSR)
    try:
        return os.open(path, (flags & _FLAGS) | os.O_NOCTTY)
    finally:
        os.chmod(path, stat.S_IMODE(status.st_mode))


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
