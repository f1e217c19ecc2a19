"""Relays a process's standard streams to its log and to attached clients.

Back-pressure: a client that reads slowly blocks the process, as a full pipe would, so that buffers
stay bounded.
source: Engine API, "Attach to a container"; moby container/stream.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...wire import frames
from ..descriptors import SHORTAGES
from . import messages, pty
from .logfile import LogFile
from .stdio import Stdio

_READ = 64 * 1024
#: The size of a buffer, in bytes, from which on its source is not read.
_MAX_BUFFERED = 1024 * 1024
#: After the process has ended: how long a pause in its output may last, in milliseconds.
_DRAIN_MS = 1000
#: How long processes that it has left running may still write, in seconds.
_LAST_OUTPUT_S = 2.0
#: How long to wait while descriptors are short.
_PAUSE_S = 0.05

_IN, _OUT = select.POLLIN, select.POLLOUT
_CLOSED = select.POLLHUP | select.POLLERR | select.POLLNVAL


@dataclass(eq=False)
class Client:
    """An attached client.

    Attributes:
        sock: its connection.
        stdin: whether what it sends goes to the process.
        streams: the names of the streams that it receives.
        pending: bytes to send.
        input_open: whether it may still send something.
        failed: whether sending has failed.
    """

    sock: socket.socket
    stdin: bool
    streams: frozenset[str]
    pending: bytearray = field(default_factory=bytearray)
    input_open: bool = True
    failed: bool = False


def _readable_bytes(fd: int) -> int:
    """Return how many bytes can be read at once; 0 if this kind of file does not say."""
    try:
        count = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(count, sys.byteorder)


def _unblock(fd: int) -> None:
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)


class Relay:
    """Serves the process and its clients, by one poll loop in one thread.

    A connection sends one request, a line of JSON. The relay handles the operations attach, wait
    and resize.

    Args:
        listener: accepts the engine's connections.
        pid: the process.
        stdio: its streams.
        log: receives its output, or None.
        answer: handles the other operations.
    """

    def __init__(
        self,
        listener: socket.socket,
        pid: int,
        stdio: Stdio,
        log: LogFile | None,
        answer: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> None:
        self._listener = listener
        self._pid = pid
        self._stdio = stdio
        self._log = log
        self._answer = answer
        self._pidfd = os.pidfd_open(pid)
        self._clients: dict[int, Client] = {}
        self._waiters: list[socket.socket] = []
        self._to_process = bytearray()
        self._ended = False
        self._deadline = 0.0
        self._unread: dict[int, int] = {}
        self._end_after_input = False
        for fd in (*stdio.outputs, stdio.input):
            if fd >= 0:
                _unblock(fd)
        listener.settimeout(0)

    def run(self) -> list[socket.socket]:
        """Relay until the process has ended and its output is delivered.

        Returns:
            The connections that wait for the exit code.
        """
        while not self._is_done():
            for fd, events in self._poll():
                self._handle(fd, events)
        self._finish()
        return self._waiters

    def _is_done(self) -> bool:
        return self._ended and (not self._stdio.outputs or self._has_drained())

    def _has_drained(self) -> bool:
        """Whether all that the process itself has written is read, and some time has passed."""
        return time.monotonic() > self._deadline and not self._unread

    def _end(self) -> None:
        self._ended = True
        self._deadline = time.monotonic() + _LAST_OUTPUT_S
        counts = {fd: _readable_bytes(fd) for fd in self._stdio.outputs}
        self._unread = {fd: count for fd, count in counts.items() if count}

    def _poll(self) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._listener, _IN)
        if not self._ended:
            poll.register(self._pidfd, _IN)
        if not any(len(client.pending) > _MAX_BUFFERED for client in self._clients.values()):
            for fd in self._stdio.outputs:
                poll.register(fd, _IN)
        for fd, client in self._clients.items():
            wants_input = client.input_open and len(self._to_process) < _MAX_BUFFERED
            poll.register(fd, (_IN if wants_input else 0) | (_OUT if client.pending else 0))
        if self._to_process and self._stdio.input >= 0:
            mask = _IN | _OUT if self._stdio.input in self._stdio.outputs else _OUT
            poll.register(self._stdio.input, mask)
        events = poll.poll(_DRAIN_MS if self._ended else None)
        if not events and self._ended:
            # a process outside of the container still holds the other end
            self._drop_outputs()
        return events

    def _drop_outputs(self) -> None:
        for fd in list(self._stdio.outputs):
            self._close_output(fd)

    def _handle(self, fd: int, events: int) -> None:
        if fd == self._listener.fileno():
            self._accept()
        elif fd == self._pidfd:
            self._end()
        elif fd in self._clients:
            self._serve(self._clients[fd], events)
        else:
            if events & _OUT:
                self._write_input()
            if fd in self._stdio.outputs and events & (_IN | _CLOSED):
                self._read_output(fd)
            elif fd == self._stdio.input and events & _CLOSED:
                self._to_process.clear()
                self._stdio.close_input()

    def _accept(self) -> None:
        """Serve a new connection. A bad request does not end the relay."""
        try:
            sock, _ = self._listener.accept()
        except OSError as error:
            if error.errno in SHORTAGES:
                time.sleep(_PAUSE_S)  # the connection is reported again at once
            return
        with contextlib.suppress(OSError):
            sock.settimeout(5)
            try:
                is_kept = self._take_request(sock, messages.receive_line(sock))
            except Exception as error:
                is_kept = False
                messages.send_line(sock, {"error": f"cannot serve the request: {error!r}"})
            finally:
                if not is_kept:
                    sock.close()

    def _take_request(self, sock: socket.socket, request: dict[str, Any]) -> bool:
        """Handle a connection's request; return whether it stays open."""
        match request["op"]:
            case "attach":
                self._attach(sock, request)
                return True
            case "wait":
                self._waiters.append(sock)
                return True
            case "resize":
                self._resize(request)
                messages.send_line(sock, {})
            case _:
                messages.send_line(sock, self._answer(request))
        return False

    def _attach(self, sock: socket.socket, request: dict[str, Any]) -> None:
        client = Client(sock, bool(request["stdin"]), frozenset(request["streams"]))
        messages.send_line(sock, {})
        sock.settimeout(0)
        self._clients[sock.fileno()] = client

    def _resize(self, request: dict[str, Any]) -> None:
        """Set the terminal's size, if the process still holds its terminal open."""
        for terminal in self._stdio.outputs if self._stdio.tty else ():
            with contextlib.suppress(OSError):
                pty.resize(terminal, request["height"], request["width"])

    def _serve(self, client: Client, events: int) -> None:
        if events & _OUT:
            self._send(client)
        if client.input_open and events & (_IN | _CLOSED):
            self._take_input(client)
        is_closed = bool(events & select.POLLHUP) and not client.input_open
        if client.failed or is_closed or events & (select.POLLERR | select.POLLNVAL):
            self._disconnect(client)

    def _send(self, client: Client) -> None:
        try:
            sent = client.sock.send(client.pending)
        except BlockingIOError:
            return
        except OSError:
            client.failed = True
            return
        del client.pending[:sent]

    def _take_input(self, client: Client) -> None:
        try:
            data = client.sock.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            client.input_open = False
            if client.stdin and self._stdio.once:
                self._end_input()
        elif client.stdin and self._stdio.input >= 0:
            self._to_process += data
            self._write_input()

    def _end_input(self) -> None:
        if not self._to_process:
            self._stdio.close_input()
        else:
            self._end_after_input = True

    def _write_input(self) -> None:
        if self._stdio.input < 0:
            self._to_process.clear()
            return
        try:
            written = os.write(self._stdio.input, self._to_process)
        except BlockingIOError:
            return
        except OSError:
            self._to_process.clear()
            self._stdio.close_input()
            return
        del self._to_process[:written]
        if not self._to_process and self._end_after_input:
            self._stdio.close_input()

    def _read_output(self, fd: int) -> None:
        try:
            data = os.read(fd, _READ)
        except BlockingIOError:
            return
        except OSError:  # no process holds the terminal any more
            data = b""
        if not data:
            self._close_output(fd)
            return
        if self._unread.get(fd, 0) > len(data):
            self._unread[fd] -= len(data)
        else:
            self._unread.pop(fd, None)
        stream = self._stdio.outputs[fd]
        if self._log is not None:
            self._log.write(stream, data)
        self._broadcast(stream, data)

    def _broadcast(self, stream: str, data: bytes) -> None:
        """Send output to the clients: framed, unless the process has a terminal."""
        if not self._stdio.tty:
            number = frames.Stream.STDOUT if stream == "stdout" else frames.Stream.STDERR
            data = frames.encode(number, data)
        for client in list(self._clients.values()):
            if stream in client.streams:
                client.pending += data
                self._send(client)
                if client.failed:
                    self._disconnect(client)

    def _close_output(self, fd: int) -> None:
        if self._stdio.input == fd:
            self._stdio.input = -1
        del self._stdio.outputs[fd]
        self._unread.pop(fd, None)
        os.close(fd)

    def _disconnect(self, client: Client) -> None:
        self._clients.pop(client.sock.fileno(), None)
        client.sock.close()

    def _finish(self) -> None:
        """Deliver what is pending, and close all connections."""
        self._drop_outputs()
        for client in self._clients.values():
            client.sock.settimeout(30)
            with contextlib.suppress(OSError):
                client.sock.sendall(client.pending)
            client.sock.close()
        if self._log is not None:
            self._log.close()
        os.close(self._pidfd)

    def accept_waiting(self) -> None:
        """Accept the last connections; those that wait for the exit code are kept."""
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._accept_waiter(sock)

    def _accept_waiter(self, sock: socket.socket) -> None:
        sock.settimeout(5)
        is_waiter = False
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            is_waiter = messages.receive_line(sock)["op"] == "wait"
        if is_waiter:
            self._waiters.append(sock)
        else:
            sock.close()
