"""Attaching clients to the streams of a container, before it starts or while it runs.

source: Engine API, ContainerAttach; moby daemon/attach.go.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ...wire import frames
from ...wire.detach import Detached, DetachKeys
from ..api.messages import RawConnection
from ..errors import BadParameter, Conflict
from ..records.container import Container
from ..runtime.process import Process
from . import logs
from .events import ContainerEvents

_READ = 64 * 1024
#: Seconds between two looks whether a client that waits for a start is still connected.
_LOOK_S = 0.5


@dataclass(frozen=True)
class AttachOptions:
    """The streams that a client attaches to.

    Attributes:
        stdin, stdout, stderr: the streams.
        past: whether it receives the output so far (`logs`).
        live: whether it receives and sends what follows (`stream`).
        keys: detach it.
    """

    stdin: bool
    stdout: bool
    stderr: bool
    past: bool
    live: bool
    keys: DetachKeys


class Attachment:
    """A client's connection to a container's process, which may be still to start.

    Args:
        stdin: whether the client's input goes to the process.
        streams: the output that the client receives: stdout, stderr.
    """

    def __init__(self, *, stdin: bool, streams: tuple[str, ...]) -> None:
        self._stdin = stdin
        self._streams = streams
        self._decided = threading.Event()
        self._sock: socket.socket | None = None

    def begin(self, process: Process) -> None:
        """Attach to a process, which has not written anything yet if it is about to start."""
        with contextlib.suppress(OSError):
            self._sock = process.attach(stdin=self._stdin, streams=self._streams)
        self._decided.set()

    def cancel(self) -> None:
        """Stop waiting: the process cannot be started."""
        self._decided.set()

    def wait(self, raw: RawConnection) -> socket.socket | None:
        """Wait until the process is about to start, and return the connection to it.

        Returns:
            None if the process cannot be started, or the client disconnects before.
        """
        while not self._decided.wait(_LOOK_S):
            if _is_disconnected(raw):
                self.cancel()
        return self._sock


def attach(
    container: Container, options: AttachOptions, events: ContainerEvents
) -> Callable[[RawConnection], None]:
    """Attach to a container now.

    Args:
        container: the container; `check_attachable` accepts it.
        options: what to attach to.
        events: receives attach and detach.

    Returns:
        A function that serves the client until the process ends, or the client detaches.
    """
    attachment = _begin(container, options) if options.live else None

    def serve(raw: RawConnection) -> None:
        if options.past:
            for piece in logs.all_output(container, stdout=options.stdout, stderr=options.stderr):
                raw.sendall(piece)
        if attachment is not None:
            events.publish(container, "attach")
            sock = attachment.wait(raw)
            if sock is not None:
                try:
                    carry(raw, sock, options.keys)
                except Detached:
                    events.publish(container, "detach")
        raw.close_write()

    return serve


def check_attachable(container: Container) -> None:
    """Refuse to attach to a container that is paused or restarting.

    Raises:
        Conflict: it is.
    """
    if container.state["Paused"]:
        raise Conflict(f"Container {container.id} is paused, unpause the container before attach.")
    if container.state["Restarting"]:
        raise Conflict(
            f"Container {container.id} is restarting, wait until the container is running"
        )


def _begin(container: Container, options: AttachOptions) -> Attachment:
    """Attach to the process, or wait for its start if there is none."""
    tty = container.config["Tty"]
    attachment = Attachment(
        stdin=options.stdin and container.config["OpenStdin"],
        streams=output_streams(stdout=options.stdout, stderr=options.stderr, tty=tty),
    )
    with container.lock:
        if container.process is not None:
            attachment.begin(container.process)
        else:
            container.attachments.append(attachment)
    return attachment


def output_streams(*, stdout: bool, stderr: bool, tty: bool) -> tuple[str, ...]:
    """Return the names of the output streams to attach to; a terminal has stdout alone."""
    if tty:
        return ("stdout",) if stdout or stderr else ()
    return tuple(name for name, on in (("stdout", stdout), ("stderr", stderr)) if on)


def detach_keys(text: str, *, active: bool, kind: str = "detach") -> DetachKeys:
    """Return the detach keys of a request.

    Args:
        text: such as `ctrl-p,ctrl-q`; empty for the default.
        active: whether there is a terminal.
        kind: the word of the error message.

    Raises:
        BadParameter: the text is not a key sequence.
    """
    try:
        return DetachKeys(text, active=active)
    except ValueError:
        raise BadParameter(f"Invalid {kind} keys ({text}) provided") from None


def _is_disconnected(raw: RawConnection) -> bool:
    poll = select.poll()
    poll.register(raw.fileno(), 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


def carry(
    raw: RawConnection, sock: socket.socket, keys: DetachKeys, *, framed: bool = False
) -> None:
    """Carry bytes both ways until the process closes its side.

    The client's end of input becomes the process's; output still arrives then.

    Args:
        raw: the client.
        sock: the process; closed at the end.
        keys: detach the client.
        framed: put a terminal's output into frames, for clients that expect them.

    Raises:
        Detached: the detach keys were typed.
    """
    with sock:
        _send(sock, keys, raw.early)
        raw.early = b""
        poll = select.poll()
        poll.register(raw.fileno(), select.POLLIN)
        poll.register(sock.fileno(), select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == sock.fileno():
                    data = sock.recv(_READ)
                    if not data:
                        return
                    raw.sendall(frames.encode(frames.Stream.STDOUT, data) if framed else data)
                    continue
                data = raw.recv(_READ)
                if data:
                    _send(sock, keys, data)
                    continue
                poll.unregister(fd)
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_WR)


def _send(sock: socket.socket, keys: DetachKeys, data: bytes) -> None:
    passed = keys.passed(data)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the process has ended
        sock.sendall(passed)
