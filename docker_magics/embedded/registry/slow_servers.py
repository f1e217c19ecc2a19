"""Abort responses that arrive too slowly, or whose request is cancelled.

A read timeout does not suffice: a server that sends a byte now and then never exceeds it.

source: cargo's `http.low-speed-limit`, curl's --speed-limit and --speed-time.
"""

from __future__ import annotations

import functools
import http.client
import io
import math
import select
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket

    from urllib3 import PoolManager
    from urllib3.connection import HTTPConnection

#: How long the head of a response may take, in seconds.
_HEAD_S = 60.0
#: The least number of bytes in this time of waiting, in seconds: 10 bytes a second, as for cargo.
_MIN_BYTES, _MIN_BYTES_S = 600, 60.0
#: How often a read that waits checks whether it is still wanted, in seconds.
_CHECK_S = 0.5

#: Raises an exception if the response is not wanted any more.
Check = Callable[[], None]


def limit(manager: PoolManager, check: Check) -> None:
    """Break off responses of a pool manager that are too slow, or that `check` rejects."""
    classes: dict[str, Any] = {
        "http": functools.partial(_pool, HTTPConnectionPool, check),
        "https": functools.partial(_pool, HTTPSConnectionPool, check),
    }
    manager.pool_classes_by_scheme = classes


def _pool(pool_class: Any, check: Check, *args: Any, **options: Any) -> HTTPConnectionPool:
    pool: HTTPConnectionPool = pool_class(*args, **options)
    connect: Any = pool.ConnectionCls

    def limited(**options: Any) -> HTTPConnection:
        connection: Any = connect(**options)
        connection.response_class = functools.partial(_Response, check)
        return cast("HTTPConnection", connection)

    pool.ConnectionCls = cast("Any", limited)
    return pool


class _Response(http.client.HTTPResponse):
    """A response that is read from `_Arrivals`."""

    def __init__(self, check: Check, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._arrivals = _Arrivals(sock, check)
        self.fp.close()
        self.fp = io.BufferedReader(self._arrivals)

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        self._arrivals.deadline = math.inf


class _Arrivals(io.RawIOBase):
    """The bytes of a response as they arrive.

    Args:
        sock: the connection; its timeout is that of a read.
        check: as `limit` has it.

    Attributes:
        deadline: of all reads, on the monotonic clock.
    """

    def __init__(self, sock: socket.socket, check: Check) -> None:
        self.deadline = time.monotonic() + _HEAD_S
        self._sock = sock
        self._open = sock.makefile("rb", buffering=0)  # keeps a socket that is closed open
        self._check = check
        self._arrived = 0
        self._waited = 0.0
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        began = time.monotonic()
        self._wait(began)
        size = self._sock.recv_into(buffer)
        self._count(size, time.monotonic() - began)
        return size

    def _wait(self, began: float) -> None:
        deadline = min(self.deadline, began + (self._sock.gettimeout() or math.inf))
        while True:
            self._check()
            if time.monotonic() >= deadline:
                raise TimeoutError("timed out")
            if self._has_decrypted() or self._poll.poll(_CHECK_S * 1000):
                return

    def _has_decrypted(self) -> bool:
        """Whether TLS holds bytes that arrived. That of a proxy cannot be asked."""
        pending = getattr(self._sock, "pending", None)
        return bool(pending()) if pending else not hasattr(self._sock, "detach")

    def _count(self, size: int, waited: float) -> None:
        self._arrived += size
        self._waited += waited
        if size and self._waited >= _MIN_BYTES_S:
            if self._arrived < _MIN_BYTES:
                raise TimeoutError("timed out")
            self._arrived, self._waited = 0, 0.0

    def close(self) -> None:
        self._open.close()
        super().close()
