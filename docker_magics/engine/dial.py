"""Connections to engines: unix sockets, TCP, TLS, ssh."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from docker_magics.errors import EngineUnreachable

from .address import Address, Tls

if TYPE_CHECKING:
    from urllib.parse import SplitResult

#: Opens a connection: a socket, or an object with the methods that HTTP needs.
Dialer = Callable[[], Any]

_PORT, _TLS_PORT = 2375, 2376


def dialer_for(address: Address) -> Dialer:
    """Return the function that connects to an engine.

    Raises:
        EngineUnreachable: addresses of this kind are not supported.
        OSError: a key file cannot be read.
    """
    if address.scheme == "unix":
        return functools.partial(_connect_unix, address.host.partition("://")[2])
    if address.scheme == "ssh":
        from .ssh import SshSocket, dial_stdio

        return functools.partial(SshSocket, dial_stdio(address.host))
    if address.scheme not in {"tcp", "http", "https"}:
        raise EngineUnreachable(f"cannot use {address.host}: {address.scheme}:// is not supported")
    from urllib.parse import urlsplit

    split = urlsplit(address.host)
    if address.tls is None and split.scheme != "https":
        return functools.partial(connect_tcp, split.hostname or "localhost", split.port or _PORT)
    return _tls_dialer(split, address.tls or Tls())


def _tls_dialer(split: SplitResult, keys: Tls) -> Dialer:
    from .tls import TlsSocket, context_of

    context, host, port = context_of(keys), split.hostname or "localhost", split.port or _TLS_PORT
    return lambda: TlsSocket(connect_tcp(host, port), context, host)


def plain_socket(address: Address) -> socket.socket | None:
    """Connect to an engine on a unix socket, or by TCP without TLS; return None for others.

    Raises:
        OSError: nothing answers.
    """
    is_plain = address.scheme == "unix" or (
        address.tls is None and address.scheme in {"tcp", "http"}
    )
    sock: socket.socket | None = dialer_for(address)() if is_plain else None
    return sock


def _connect_unix(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


def connect_tcp(host: str, port: int) -> socket.socket:
    """Connect by TCP, without delay of small packets.

    Raises:
        OSError: nothing answers.
    """
    sock = socket.create_connection((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
