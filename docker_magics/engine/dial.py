"""Connections to engines elsewhere, by TLS or ssh, whose input ends while output goes on.

docker-py's own cannot: Python's SSLSocket forgets TLS when its writing ends, so that what still
comes is read as it was encrypted; docker-py's SSHSocket cannot end its writing at all.

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
#: Connections that are kept open.
_KEPT = 10
#: What the docker CLI gives to ssh: no terminal, and an end to waiting.
_SSH = ("ssh", "-o", "ConnectTimeout=30", "-T")
#: Seconds in which ssh says why it has ended.
_LAST_WORDS_S = 2.0

Dialer = Callable[[], Any]


def dialer_for(address: Address) -> Dialer | None:
    """What connects to an engine elsewhere; None where docker-py's own transport does.

    Raises:
        OSError: a key cannot be read.
    """
    split = urlsplit(address.host)
    if split.scheme == "ssh":
        command = _dial_stdio(address.host)
        return lambda: SshSocket(command)
    if address.tls is None or split.scheme not in {"tcp", "https"}:
        return None
    context, host, port = _context(address.tls), split.hostname or "localhost", split.port or 2376
    return lambda: TlsSocket(socket.create_connection((host, port)), context, host)


class DialAdapter(HTTPAdapter):
    """requests' way to an engine that is dialled."""

    def __init__(self, dial: Dialer) -> None:
        self._pool = _Pool(dial)
        super().__init__()

    def get_connection_with_tls_context(self, *_args: Any, **_options: Any) -> Any:
        """The one pool of connections."""
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002
        """The path alone: no proxy stands between."""
        return str(request.path_url)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.close()
        super().close()


class _Pool(HTTPConnectionPool):
    def __init__(self, dial: Dialer) -> None:
        super().__init__("localhost", maxsize=_KEPT)
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
            if isinstance(sock, SshSocket) and (words := sock.last_words()):
                raise ConnectionError(words) from None
            raise


# -- TLS


def _context(keys: Tls) -> ssl.SSLContext:
    for file in (keys.ca, keys.cert, keys.key):
        if file is not None:
            file.open("rb").close()  # OpenSSL's refusal would not name it
    context = ssl.create_default_context()
    # What docker's own instructions make passes; it lacks an AuthorityKeyIdentifier.
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
    """TLS over a socket, for one reader and any writers; as much of a socket as HTTP needs.

    Args:
        sock: connected.
        context: what to trust, and what to show.
        host: whose certificate it has to be.

    Raises:
        ssl.SSLError: the other side is not who it should be, or does not trust us.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._socket = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        self._state = threading.Lock()  # OpenSSL's object is one thread's at a time
        self._sending = threading.Lock()  # what is encrypted first goes first
        self._ahead = bytearray()  # read before somebody asked
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
        """Wait for what comes; 0 at its end."""
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
        """Send all of it."""
        view = memoryview(data).cast("B")
        with self._sending:
            for start in range(0, len(view), _CHUNK):
                with self._state:
                    self._tls.write(view[start : start + _CHUNK])
                    encrypted = self._out.read()
                self._socket.sendall(encrypted)

    def shutdown(self, how: int) -> None:
        """End writing (SHUT_WR), or both ways."""
        if how != socket.SHUT_WR:
            self._socket.shutdown(how)
            return
        with self._sending:
            with self._state:
                self._read_ahead()
                with contextlib.suppress(ssl.SSLError):  # it waits for the other side's end
                    self._tls.unwrap()
                farewell = self._out.read()
            self._socket.sendall(farewell)

    def _read_ahead(self) -> None:
        """All that is there: OpenSSL takes data for an error while it says that writing ends."""
        with contextlib.suppress(ssl.SSLError):
            while data := self._tls.read(_CHUNK):
                self._ahead += data

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - HTTP reads alone
        """A reader; closing it leaves the connection open."""
        return io.BufferedReader(_Reader(self))

    def settimeout(self, seconds: float | None) -> None:
        """How long a read may take."""
        self._socket.settimeout(seconds)

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    def close(self) -> None:
        """End it."""
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
    """The command whose input and output are the engine's: `ssh://user@host:22/PATH`."""
    split = urlsplit(url)
    user = ("-l", split.username) if split.username else ()
    port = ("-p", str(split.port)) if split.port else ()
    socket_path = split.path.rstrip("/")
    docker = ("docker", "--host", f"unix://{socket_path}") if socket_path else ("docker",)
    return (*_SSH, *user, *port, "--", split.hostname or "", *docker, "system", "dial-stdio")


class SshSocket(socket.socket):
    """A socket whose other end is a command's input and output."""

    def __init__(self, command: tuple[str, ...]) -> None:
        here, there = socket.socketpair()
        super().__init__(fileno=here.detach())
        self._words = b""
        with there:
            # Of a session of its own, as the CLI has it: an interrupt is for the container.
            self._process = subprocess.Popen(  # noqa: S603 - ssh, no shell
                command,
                stdin=there.fileno(),
                stdout=there.fileno(),
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._reaper = threading.Thread(target=self._reap, daemon=True, name="docker-magics-ssh")
        self._reaper.start()

    def _reap(self) -> None:
        """It ends with the connection; what it says until then may be why."""
        if self._process.stderr is not None:
            with self._process.stderr as stream:
                self._words = stream.read()
        self._process.wait()

    def last_words(self) -> str:
        """Why it ended, in its own words; waits for them."""
        self._reaper.join(_LAST_WORDS_S)
        return self._words.decode(errors="replace").strip()
