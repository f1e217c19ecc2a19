"""Attaching to a container's streams, before it starts or while it runs.

source: Engine API, ContainerAttach, ContainerAttachWebsocket; moby daemon/attach.go.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import TYPE_CHECKING

from ...wire import frames
from ...wire.detach import Detached, DetachKeys
from ..api.messages import Hijack, RawConnection, Request
from ..errors import BadParameter, Conflict
from ..runtime.process import Process
from . import logs

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_READ = 64 * 1024


class Attachment:
    """Someone who waits for a container's process, to attach to it before it says anything."""

    def __init__(self, *, stdin: bool, streams: tuple[str, ...]) -> None:
        self._stdin = stdin
        self._streams = streams
        self._ready = threading.Event()
        self._sock: socket.socket | None = None

    def begin(self, process: Process) -> None:
        """Attach to a process that is about to start."""
        with contextlib.suppress(OSError):
            self._sock = process.attach(stdin=self._stdin, streams=self._streams)
        self._ready.set()

    def cancel(self) -> None:
        """There will be no process."""
        self._ready.set()

    def connection(self, seconds: float) -> tuple[bool, socket.socket | None]:
        """Whether it is decided, and the connection, waiting some seconds at most."""
        return self._ready.wait(seconds), self._sock


def answer(engine: Engine, request: Request) -> Hijack:
    """ContainerAttach: HTTP ends, streams begin."""
    container = engine.container_store.get(request.params["name"])
    if container.state["Paused"]:
        raise Conflict(f"Container {container.id} is paused, unpause the container before attach.")
    if container.state["Restarting"]:
        raise Conflict(
            f"Container {container.id} is restarting, wait until the container is running"
        )
    keys = detach_keys(request.get("detachKeys"), active=container.config["Tty"])
    wants = {name: request.flag(name) for name in ("stdin", "stdout", "stderr")}
    streams = tuple(name for name in ("stdout", "stderr") if wants[name])
    if container.config["Tty"] and streams:
        streams = ("stdout",)
    past, live = request.flag("logs"), request.flag("stream")
    stdin = wants["stdin"] and container.config["OpenStdin"]
    attachment, sock = _begin(container, stdin=stdin, streams=streams) if live else (None, None)
    is_raw = container.config["Tty"] or request.version < (1, 42)
    kind = "raw" if is_raw else "multiplexed"

    def talk(raw: RawConnection) -> None:
        if past:
            for piece in logs.frames_of(container, stdout=wants["stdout"], stderr=wants["stderr"]):  # fmt: skip  # noqa: E501
                raw.sendall(piece)
        if attachment is not None:
            engine.container_events.publish(container, "attach")
            connection = sock or _await(attachment, raw)
            if connection is not None:
                _carry(container, engine, raw, connection, keys)
        raw.close_write()

    return Hijack(talk, content_type=f"application/vnd.docker.{kind}-stream")


def detach_keys(text: str, *, active: bool, kind: str = "detach") -> DetachKeys:
    """The keys of a request.

    Raises:
        BadParameter: it is no sequence of keys.
    """
    try:
        return DetachKeys(text, active=active)
    except ValueError:
        raise BadParameter(f"Invalid {kind} keys ({text}) provided") from None


def _begin(
    container: Container, *, stdin: bool, streams: tuple[str, ...]
) -> tuple[Attachment, socket.socket | None]:
    attachment = Attachment(stdin=stdin, streams=streams)
    with container.lock:
        if container.process is not None:
            attachment.begin(container.process)
            return attachment, attachment.connection(0)[1]
        container.attachments.append(attachment)
    return attachment, None


def _await(attachment: Attachment, raw: RawConnection) -> socket.socket | None:
    """The connection to a process that is still to start; None where the client leaves before."""
    while True:
        decided, sock = attachment.connection(0.5)
        if decided:
            return sock
        if _left(raw):
            attachment.cancel()
            return None


def _left(raw: RawConnection) -> bool:
    poll = select.poll()
    poll.register(raw.fileno(), 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


def _carry(
    container: Container,
    engine: Engine,
    raw: RawConnection,
    sock: socket.socket,
    keys: DetachKeys,
) -> None:
    try:
        carry(raw, sock, keys)
    except Detached:
        engine.container_events.publish(container, "detach")


def carry(
    raw: RawConnection, sock: socket.socket, keys: DetachKeys, *, framed: bool = False
) -> None:
    """Carry bytes both ways until the process's side ends, or the client goes.

    Args:
        raw: the client.
        sock: the process.
        keys: what detaches.
        framed: put a terminal's output into frames, as a client wants it that knows of none.

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
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended
        sock.sendall(passed)
