"""JSON messages and file descriptors over unix sockets, between engine, zygote and shims.

source: unix(7), SCM_RIGHTS, SO_PEERCRED.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from pathlib import Path
from typing import Any

MAX_MESSAGE = 1 << 20
_MAX_FDS = 4
#: The kernel's struct ucred: PID, UID, GID.
_UCRED = struct.Struct("iII")


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets that preserve message boundaries."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(sock: socket.socket, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
    """Send one message with file descriptors on a socket of `pair`."""
    socket.send_fds(sock, [json.dumps(message).encode()], fds)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next message and its file descriptors; None if the other end is closed."""
    data, fds, _, _ = socket.recv_fds(sock, MAX_MESSAGE, _MAX_FDS)
    for fd in fds:  # otherwise a container could inherit one
        os.set_inheritable(fd, False)  # noqa: FBT003 - a positional parameter
    return (json.loads(data), fds) if data else None


def listen(folder: Path, name: str) -> socket.socket:
    """Return a listening socket (0600) in a folder; the folder's path may have any length.

    Raises:
        OSError: the socket cannot be created.
    """
    folder_fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        (folder / name).unlink(missing_ok=True)
        sock.bind(f"/proc/self/fd/{folder_fd}/{name}")
        sock.listen(64)
    except BaseException:
        sock.close()
        raise
    finally:
        os.umask(mask)
        os.close(folder_fd)
    return sock


def connect(folder: Path, name: str) -> socket.socket:
    """Return a connection to a socket in a folder.

    Raises:
        OSError: nothing listens there.
    """
    folder_fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(f"/proc/self/fd/{folder_fd}/{name}")
    except BaseException:
        sock.close()
        raise
    finally:
        os.close(folder_fd)
    return sock


def listening_pid(folder: Path, name: str) -> int:
    """Return the PID of the process that listens on a socket in a folder; 0 if none does."""
    try:
        with connect(folder, name) as sock:
            credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    except OSError:
        return 0
    pid, _, _ = _UCRED.unpack(credentials)
    return int(pid)


def send_line(sock: socket.socket, message: dict[str, Any]) -> None:
    """Send a message as a line of JSON on a stream."""
    sock.sendall(json.dumps(message).encode() + b"\n")


def receive_line(sock: socket.socket) -> dict[str, Any]:
    """Read one line of JSON, and not a byte more.

    Raises:
        ConnectionError: the stream ended within the line.
        ValueError: the line is not JSON.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        # a byte at a time: what follows the line is not a message
        piece = sock.recv(1)
        if not piece:
            raise ConnectionResetError("the shim has closed the connection")
        line += piece
    message: dict[str, Any] = json.loads(line)
    return message
