"""TLS connections that support half-close.

Python's SSLSocket drops TLS on shutdown(SHUT_WR), so that later reads return ciphertext.

source: RFC 8446, section 6.1.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
from typing import Any, cast

from .address import Tls

_CHUNK = 64 * 1024


def context_of(keys: Tls) -> ssl.SSLContext:
    """Return the trusted certificates and the client's certificate.

    Raises:
        OSError: a file cannot be read, or is not a key.
    """
    for file in (keys.ca, keys.cert, keys.key):
        if file is not None:
            file.open("rb").close()  # OpenSSL's error would not name the file
    context = ssl.create_default_context()
    # Certificates made by docker's documentation lack an AuthorityKeyIdentifier.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not keys.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif keys.ca:
        context.load_verify_locations(keys.ca)
    if keys.cert and keys.key:
        context.load_cert_chain(keys.cert, keys.key)
    return context


class TlsSocket:
    """TLS over a socket, with the part of the socket interface that HTTP needs.

    Safe for one reading thread and any number of writing threads.

    Args:
        sock: a connected socket.
        context: the trusted certificates, and the client's certificate.
        host: the hostname to verify.

    Raises:
        ssl.SSLError: the handshake failed.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._socket = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        self._state = threading.Lock()  # OpenSSL's object is not thread-safe
        self._sending = threading.Lock()  # keeps TLS records in order
        self._ahead = bytearray()  # decrypted, but not read yet
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._shake_hands()
        except OSError:
            sock.close()
            raise

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._socket.sendall(self._out.read())
                self._receive()
            else:
                self._socket.sendall(self._out.read())
                return

    def _receive(self) -> None:
        data = self._socket.recv(_CHUNK)
        with self._state:
            if data:
                self._in.write(data)
            else:
                self._in.write_eof()

    def recv_into(self, buffer: Any) -> int:
        """Read the next bytes into a buffer; return their number, 0 at the end."""
        while True:
            with self._state:
                if self._ahead:
                    size = min(len(buffer), len(self._ahead))
                    buffer[:size] = self._ahead[:size]
                    del self._ahead[:size]
                    return size
                try:
                    return cast(int, self._tls.read(len(buffer), buffer))
                except ssl.SSLWantReadError:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return 0
            self._receive()

    def sendall(self, data: Any) -> None:
        """Send all bytes."""
        view = memoryview(data).cast("B")
        with self._sending:
            for start in range(0, len(view), _CHUNK):
                with self._state:
                    self._tls.write(view[start : start + _CHUNK])
                    encrypted = self._out.read()
                self._socket.sendall(encrypted)

    def shutdown(self, how: int) -> None:
        """Close the writing side (SHUT_WR), or both directions."""
        if how != socket.SHUT_WR:
            self._socket.shutdown(how)
            return
        with self._sending:
            with self._state:
                self._read_ahead()
                with contextlib.suppress(ssl.SSLError):  # the peer has not sent close_notify yet
                    self._tls.unwrap()
                farewell = self._out.read()
            self._socket.sendall(farewell)

    def _read_ahead(self) -> None:
        """Read all pending data: OpenSSL's unwrap() fails while data is unread."""
        with contextlib.suppress(ssl.SSLError):
            while data := self._tls.read(_CHUNK):
                self._ahead += data

    def makefile(self, mode: str, size: int) -> io.BufferedReader:  # noqa: ARG002 - HTTP only reads
        """Return a reader; closing it does not close the connection."""
        return io.BufferedReader(_Reader(self), size)

    def settimeout(self, seconds: float | None) -> None:
        """Set the timeout of reads."""
        self._socket.settimeout(seconds)

    def fileno(self) -> int:
        """Return the file descriptor, for select."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Reader(io.RawIOBase):
    def __init__(self, sock: TlsSocket) -> None:
        super().__init__()
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.recv_into(buffer)
