"""JSON and descriptors over unix sockets: how engine, zygote and shims talk.

source: unix(7), SCM_RIGHTS.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

MAX_MESSAGE = 1 << 20
_MAX_FDS = 4


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets that keep messages apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(sock: socket.socket, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
    """Send one message, with descriptors."""
    socket.send_fds(sock, [json.dumps(message).encode()], fds)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """One message and its descriptors; None at the end."""
    data, fds, _, _ = socket.recv_fds(sock, MAX_MESSAGE, _MAX_FDS)
    for fd in fds:  # no container gets one by way of a fork and an exec
        os.set_inheritable(fd, False)  # noqa: FBT003 - it has no name
    return (json.loads(data), fds) if data else None


def listen(folder: Path, name: str) -> socket.socket:
    """A listening socket in a folder, however long the folder's path is."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    at = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    mask = os.umask(0o177)
    try:
        (folder / name).unlink(missing_ok=True)
        sock.bind(f"/proc/self/fd/{at}/{name}")
        sock.listen(64)
    finally:
        os.umask(mask)
        os.close(at)
    return sock


def connect(folder: Path, name: str) -> socket.socket:
    """A connection to a socket in a folder.

    Raises:
        OSError: nobody listens there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    at = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        sock.connect(f"/proc/self/fd/{at}/{name}")
    except BaseException:
        sock.close()
        raise
    finally:
        os.close(at)
    return sock


def send_line(sock: socket.socket, message: dict[str, Any]) -> None:
    """One line of JSON on a stream."""
    sock.sendall(json.dumps(message).encode() + b"\n")


def receive_line(sock: socket.socket) -> dict[str, Any]:
    """One line of JSON, and not a byte more.

    Raises:
        ConnectionError: the stream ended before.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        # a byte at a time: what follows the line belongs to somebody else
        piece = sock.recv(1)
        if not piece:
            raise ConnectionResetError("the shim went away")
        line += piece
    found: dict[str, Any] = json.loads(line)
    return found
