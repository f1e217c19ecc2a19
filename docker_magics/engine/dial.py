"""Connections to remote engines over TLS or ssh that support half-close.

docker-py's sockets do not: Python's SSLSocket drops TLS on shutdown(SHUT_WR), so that later reads
return ciphertext; docker-py's SSHSocket cannot shut down its writing side at all.

source: RFC 8446, section 6.1; docker/cli, cli/connhelper.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPResponse

from .address import Address, Tls

_CHUNK = 64 * 1024
#: The size of the connection pool.
_POOL_SIZE = 10
#: The docker CLI's options of ssh: no terminal, and a connect timeout.
_SSH = ("ssh", "-o", "ConnectTimeout=30", "-T")
#: Seconds to wait for ssh's error message after the connection ended.
_STDERR_TIMEOUT_S = 2.0

Dialer = Callable[[], Any]


def dialer_for(address: Address) -> Dialer | None:
    """Return the function that connects to a remote engine, or None if docker-py's transport does.

    Raises:
        OSError: a key file cannot be read.
    """
    split = urlsplit(address.host)
    if split.scheme == "ssh":
        command = _dial_stdio(address.host)
        return lambda: SshSocket(command)
    if address.tls is None or split.scheme not in {"tcp", "https"}:
        return None
    context, host, port = _context(address.tls), split.hostname or "localhost", split.port or 2376
    return lambda: TlsSocket(socket.create_connection((host, port)), context, host)


def plain_socket(address: Address) -> socket.socket | None:
    """Connect to an engine on a unix socket, or by TCP without TLS; return None for others.

    Raises:
        OSError: nothing answers.
    """
    split = urlsplit(address.host)
    if split.scheme == "unix":
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(address.host.removeprefix("unix://"))
        except OSError:
            sock.close()
            raise
        return sock
    if address.tls is None and split.scheme in {"tcp", "http"}:
        return socket.create_connection((split.hostname or "localhost", split.port or 2375))
    return None


class DialAdapter(HTTPAdapter):
    """A transport adapter of requests whose connections a dialer opens."""

    def __init__(self, dial: Dialer) -> None:
        self._pool = _Pool(dial)
        super().__init__()

    def get_connection_with_tls_context(self, *_args: Any, **_options: Any) -> Any:
        """Return the only connection pool."""
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002
        """Return the path alone: no proxy is used."""
        return str(request.path_url)

    def close(self) -> None:
        """Close the pooled connections."""
        self._pool.close()
        super().close()


class _Pool(HTTPConnectionPool):
    def __init__(self, dial: Dialer) -> None:
        super().__init__("localhost", maxsize=_POOL_SIZE)
        self._dial = dial

    def _new_conn(self) -> _Connection:
        return _Connection(self._dial)


class _Connection(HTTPConnection):
    def __init__(self, dial: Dialer) -> None:
        super().__init__("localhost")
        self._dial = dial

    def connect(self) -> None:
        self.sock = self._dial()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        sock = self.sock
        try:
            return super().getresponse()
        except ConnectionError:
            if isinstance(sock, SshSocket) and (message := sock.error_message()):
                raise ConnectionError(message) from None
            raise


# -- TLS


def _context(keys: Tls) -> ssl.SSLContext:
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

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - HTTP only reads
        """Return a reader; closing it does not close the connection."""
        return io.BufferedReader(_Reader(self))

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


# -- ssh


def _dial_stdio(url: str) -> tuple[str, ...]:
    """Return the ssh command that connects stdin and stdout to the engine.

    Args:
        url: `ssh://user@host:22/PATH`.
    """
    split = urlsplit(url)
    user = ("-l", split.username) if split.username else ()
    port = ("-p", str(split.port)) if split.port else ()
    socket_path = split.path.rstrip("/")
    docker = ("docker", "--host", f"unix://{socket_path}") if socket_path else ("docker",)
    return (*_SSH, *user, *port, "--", split.hostname or "", *docker, "system", "dial-stdio")


def _connected_process(command: tuple[str, ...], sock: socket.socket) -> subprocess.Popen[bytes]:
    # In a new session, as in the CLI: an interrupt is meant for the container.
    return subprocess.Popen(  # noqa: S603 - ssh, no shell
        command,
        stdin=sock.fileno(),
        stdout=sock.fileno(),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


class SshSocket(socket.socket):
    """A socket connected to the stdin and stdout of a command.

    Raises:
        OSError: the command cannot be started.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        here, there = socket.socketpair()
        super().__init__(fileno=here.detach())
        self._stderr = b""
        with there:
            try:
                self._process = _connected_process(command, there)
            except OSError:
                self.close()
                raise
        self._reaper = threading.Thread(target=self._reap, daemon=True, name="docker-magics-ssh")
        self._reaper.start()

    def _reap(self) -> None:
        """Wait for the command, which exits with the connection, and keep its stderr."""
        if self._process.stderr is not None:
            with self._process.stderr as stream:
                self._stderr = stream.read()
        self._process.wait()

    def error_message(self) -> str:
        """Return the command's stderr after its exit."""
        self._reaper.join(_STDERR_TIMEOUT_S)
        return self._stderr.decode(errors="replace").strip()
