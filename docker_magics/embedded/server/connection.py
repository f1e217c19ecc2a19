"""A client's connection: HTTP/1.1 by h11 over a blocking socket, in its own thread.

source: RFC 9112; Engine API, "Hijacking".
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import logging
import select
import socket
import sys
import termios
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

import h11

from .. import API_VERSION
from ..api.messages import Empty, Hijack, Json, Request, Response, Stream, Text, encode_json
from ..errors import ApiError, BadParameter, as_api_error

RECEIVE = 256 * 1024
#: How much of an unread request body is discarded, so that the connection can be kept. A longer
#: rest closes it, as in Go's net/http.
MAX_DRAIN = 1024 * 1024
#: How long to keep the connection of a client that still sends after the response, in seconds.
_LINGER_S = 10.0
#: How long to wait for the client to read the head of a hijacked response, and how often to look,
#: in seconds.
_HEAD_READ_S, _POLL_S = 0.25, 0.0002
_log = logging.getLogger(__name__)
_SERVER_HEADERS = {
    "Api-Version": API_VERSION,
    "Docker-Experimental": "false",
    "Ostype": "linux",
    "Server": f"Docker/{API_VERSION} (docker_magics.embedded)",
}

Answer = Callable[[Request], Response]


class Disconnected(ConnectionError):
    """The client disconnected during a request."""


class Connection:
    """Serves the requests of one socket.

    Args:
        sock: the connection; closed at the end.
        answer: turns a request into a response.
    """

    def __init__(self, sock: socket.socket, answer: Answer) -> None:
        self._sock = sock
        self._answer = answer
        self._http = h11.Connection(h11.SERVER)

    def serve(self) -> None:
        """Answer requests until the connection ends."""
        with contextlib.suppress(OSError, h11.LocalProtocolError), self._sock:
            try:
                while self._serve_request():
                    self._http.start_next_cycle()
            except h11.RemoteProtocolError as error:
                self._reject(str(error))
            if self._http.their_state in {h11.SEND_BODY, h11.ERROR}:
                self._linger()

    def _serve_request(self) -> bool:
        """Answer one request; return whether another one may follow."""
        event = self.next_event()
        if not isinstance(event, h11.Request):
            return False
        request = self._request(event)
        response = self._response(request)
        self._drain()
        if isinstance(response, Hijack):
            self._hijack(response, request)
            return False
        self._send(response, head=request.method == "HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _request(self, event: h11.Request) -> Request:
        target = event.target.decode("ascii", "replace")
        path, _, query = target.partition("?")
        return Request(
            method=event.method.decode(),
            path=unquote(path),
            query=parse_qs(query, keep_blank_values=True),
            headers={name.decode(): value.decode("latin-1") for name, value in event.headers},
            body=_Body(self),
            peer=self,
        )

    def _response(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except Disconnected:
            raise
        except Exception as error:  # a bug becomes a 500; the engine runs on
            return _as_response(as_api_error(error))

    def is_disconnected(self) -> bool:
        """Whether the client has closed its side, even if there is unread data from it."""
        poll = select.poll()
        poll.register(self._sock, select.POLLRDHUP)
        return bool(poll.poll(0))

    def next_event(self) -> Any:
        """Return the next h11 event from the client."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(self._sock.recv(RECEIVE))
        return event

    def body_data(self) -> bytes:
        """Return a piece of the request's body; empty at its end.

        Raises:
            Disconnected: the client left before the end.
            BadParameter: it is not HTTP.
        """
        if self._http.their_state is not h11.SEND_BODY:
            return b""
        try:
            event = self.next_event()
        except h11.RemoteProtocolError as error:
            raise BadParameter(f"invalid request body: {error}") from error
        if isinstance(event, h11.Data):
            return bytes(event.data)
        if isinstance(event, h11.ConnectionClosed):
            raise Disconnected
        return b""

    def _drain(self) -> None:
        """Discard what the handler has left of the body, up to a limit."""
        if self._http.they_are_waiting_for_100_continue:
            return
        remaining = MAX_DRAIN
        with contextlib.suppress(Disconnected, BadParameter):
            while self._http.their_state is h11.SEND_BODY and remaining > 0:
                remaining -= len(self.body_data())

    def _linger(self) -> None:
        """Read on for a while: closing the socket with unread data would discard the response."""
        self._sock.shutdown(socket.SHUT_WR)
        self._sock.settimeout(_LINGER_S)
        deadline = time.monotonic() + _LINGER_S
        while time.monotonic() < deadline and self._sock.recv(RECEIVE):
            pass

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._sock.sendall(data)

    def _send(self, response: Json | Empty | Text | Stream, *, head: bool) -> None:
        match response:
            case Json():
                body = encode_json(response.value) + b"\n"
                self._send_whole(response, "application/json", body, head=head)
            case Text():
                content_type = "text/plain; charset=utf-8"
                self._send_whole(response, content_type, response.text.encode(), head=head)
            case Empty():
                self._send_whole(response, "", b"", head=head)
            case Stream():
                self._send_stream(response, head=head)

    def _send_whole(
        self, response: Json | Text | Empty, content_type: str, body: bytes, *, head: bool
    ) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        if response.status not in {204, 304}:
            headers["Content-Length"] = str(len(body))
        self._send_head(response.status, headers | dict(response.headers))
        if body and not head:
            self._write(h11.Data(data=body))
        self._write(h11.EndOfMessage())

    def _send_stream(self, response: Stream, *, head: bool) -> None:
        self._send_head(
            response.status,
            {"Content-Type": response.content_type, "Transfer-Encoding": "chunked"}
            | dict(response.headers),
        )
        if not head:
            self._send_pieces(response.pieces)
        self._write(h11.EndOfMessage())

    def _send_pieces(self, pieces: Iterable[bytes]) -> None:
        iterator = iter(pieces)
        try:
            for piece in iterator:
                if piece:
                    self._write(h11.Data(data=piece))
                elif self.is_disconnected():
                    raise Disconnected
        finally:
            if hasattr(iterator, "close"):
                iterator.close()

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        all_headers = _SERVER_HEADERS | dict(headers)
        if self._http.their_state is not h11.DONE:
            all_headers["Connection"] = "close"
        fields = [(name.encode(), value.encode()) for name, value in all_headers.items()]
        reason = HTTPStatus(status).phrase.encode()
        self._write(h11.Response(status_code=status, headers=fields, reason=reason))

    def _hijack(self, response: Hijack, request: Request) -> None:
        """Send the head as dockerd does (101 for upgrades, else 200); hand over the socket."""
        protocol = request.headers.get("upgrade")
        lines = [f"Content-Type: {response.content_type}"]
        if protocol:
            lines = [
                "HTTP/1.1 101 UPGRADED",
                *lines,
                "Connection: Upgrade",
                f"Upgrade: {protocol}",
            ]
        else:
            lines = ["HTTP/1.1 200 OK", *lines]
        fields = {"Api-Version": API_VERSION, "Ostype": "linux"} | dict(response.headers)
        lines += [f"{name}: {value}" for name, value in fields.items()]
        self._sock.sendall("\r\n".join([*lines, "", ""]).encode())
        self._wait_until_read()
        early, _ = self._http.trailing_data
        raw = Raw(self._sock, bytes(early))
        try:
            response.talk(raw)
        except OSError as error:
            _log.debug("hijacked connection: %s", error)

    def _wait_until_read(self) -> None:
        """Wait until the client has read the head of a hijacked response, up to a limit.

        Python's http.client, and docker-py with it, loses the bytes that it reads together with
        the head. dockerd is slow enough not to send both at once.
        """
        deadline = time.monotonic() + _HEAD_READ_S
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                unread = fcntl.ioctl(self._sock, termios.TIOCOUTQ, bytes(4))
                if not int.from_bytes(unread, sys.byteorder):
                    return
                time.sleep(_POLL_S)

    def _reject(self, message: str) -> None:
        body = encode_json({"message": message}) + b"\n"
        head = (
            f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._sock.sendall(head.encode() + body)


class Raw:
    """A hijacked connection; see `RawConnection`."""

    def __init__(self, sock: socket.socket, early: bytes) -> None:
        self._sock = sock
        self.early = early

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._sock.fileno()

    def recv(self, size: int) -> bytes:
        """Return some bytes, first those that came with the request; empty at the end."""
        if self.early:
            data, self.early = self.early[:size], self.early[size:]
            return data
        return self._sock.recv(size)

    def sendall(self, data: bytes) -> None:
        """Send all of the data."""
        self._sock.sendall(data)

    def close_write(self) -> None:
        """Send the end of output."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)


class _Body(io.RawIOBase):
    """A request's body as a file object, for tarfile and json."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._data = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._data:
            self._data = memoryview(self._connection.body_data())
        size = min(len(buffer), len(self._data))
        buffer[:size] = self._data[:size]
        self._data = self._data[size:]
        return size

    def read(self, size: int | None = -1) -> bytes:
        """Read `size` bytes, fewer only at the end: tarfile needs whole blocks."""
        if size is None or size < 0:
            return self.readall()
        pieces = []
        while size > 0:
            piece = super().read(min(size, RECEIVE))
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def _as_response(error: ApiError) -> Response:
    if error.status == 304:
        return Empty(304)
    return Json({"message": str(error)}, error.status)
