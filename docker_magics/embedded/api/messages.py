"""Requests as handlers see them, and the answers that they may give."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...wire import filters as wire_filters
from ...wire import go
from .. import heap
from ..errors import BadParameter, as_api_error, as_bad_parameter
from . import fields

#: dockerd refuses larger JSON bodies too; archives are streamed and have no limit here.
MAX_JSON = 4 * 1024 * 1024
_FALSE = {"", "0", "no", "false", "none"}


class Peer(Protocol):
    """The client at the other end of a connection."""

    def is_disconnected(self) -> bool:
        """Whether it has closed its side, so that nobody waits for an answer any more."""


@dataclass
class Request:
    """One call of the API.

    Attributes:
        method, path: the path without its version, percent-decoded.
        query: the values of each parameter in their order.
        headers: names in lower case.
        body: the body as a stream; archives are read from it piece by piece.
        params: what the route's `{name}` parts matched.
        version: the API version the client speaks, as (1, 47).
        peer: tells whether the client still listens.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: io.RawIOBase
    peer: Peer
    version: tuple[int, int] = (1, 47)
    params: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """A query parameter's first value."""
        return self.query.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """All of a query parameter's values."""
        return list(self.query.get(name, []))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean parameter as dockerd reads it: 0, no, false, none and empty are false."""
        values = self.query.get(name)
        return default if values is None else values[0].strip().lower() not in _FALSE

    def number(self, name: str, default: int = 0) -> int:
        """An integer parameter; absent and empty give the default.

        Raises:
            BadParameter: it is no integer.
        """
        text = self.get(name)
        with as_bad_parameter():
            return go.atoi(text) if text else default

    def filters(self) -> wire_filters.Filters:
        """The `filters` parameter.

        Raises:
            BadParameter: it is no JSON map.
        """
        try:
            return wire_filters.decode(self.get("filters"))
        except wire_filters.FilterError as error:
            raise BadParameter(str(error)) from error

    def json(self, *, required: bool = True) -> dict[str, Any]:
        """The body as a JSON object; an empty one gives {} where it is not required.

        Raises:
            BadParameter: the body is no JSON object, or too large.
        """
        data = self.body.read(MAX_JSON + 1) or b""
        if len(data) > MAX_JSON:
            raise BadParameter("request body too large")
        if not data.strip():
            if required:
                raise BadParameter("invalid JSON: got EOF while reading request body")
            return {}
        kind = self.headers.get("content-type", "")
        if kind.split(";")[0].strip() != "application/json":
            raise BadParameter(
                f"unsupported Content-Type header ({kind}): must be 'application/json'"
            )
        try:
            value = json.loads(data)
        except ValueError as error:
            raise BadParameter(f"invalid JSON: {error}") from error
        if value is None and not required:
            return {}
        if not isinstance(value, dict):
            raise BadParameter("invalid JSON: the request body must be an object")
        # Go reads the names of fields whatever their case, and some clients rely on it
        found = {key[:1].upper() + key[1:]: each for key, each in value.items()}
        fields.check(found)
        return found


@dataclass
class Json:
    """An answer of JSON."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Empty:
    """An answer without a body."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Text:
    """An answer of plain text."""

    text: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Stream:
    """A chunked answer.

    Attributes:
        pieces: what to send, flushed piece by piece. An empty piece sends nothing: it lets the
            server look whether the client has gone, in which case it closes the iterator.
    """

    pieces: Iterable[bytes]
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class RawConnection(Protocol):
    """A connection after HTTP has ended on it."""

    #: What the client sent right behind its request.
    early: bytes

    def fileno(self) -> int:
        """The socket's descriptor."""

    def recv(self, size: int) -> bytes:
        """Some bytes (the early ones first); empty at the client's end of input."""

    def sendall(self, data: bytes) -> None:
        """Send everything."""

    def close_write(self) -> None:
        """Tell the client that no more comes."""


@dataclass
class Hijack:
    """HTTP ends on this connection, and `talk` goes on raw; the socket is closed after it.

    source: Engine API, "Attach to a container", section "Hijacking".
    """

    talk: Callable[[RawConnection], None]
    content_type: str = "application/vnd.docker.raw-stream"
    headers: Mapping[str, str] = field(default_factory=dict)


Response = Json | Empty | Text | Stream | Hijack


def json_stream(messages: Iterator[Any]) -> Stream:
    """Messages as lines of JSON.

    What fails before the first one is an error of the request; what fails later is the last of
    them, as the answer has begun.
    """
    first = next(messages, None)
    return Stream(json_lines(with_error(itertools.chain([first], messages))))


def with_error(messages: Iterator[Any]) -> Iterator[Any]:
    """Messages; what fails on the way is the last of them."""
    try:
        yield from messages
    except Exception as error:
        fault = as_api_error(error)
        code = getattr(fault, "code", None)
        detail = {**({"code": code} if code else {}), "message": str(fault)}
        yield {"errorDetail": detail, "error": str(fault)}
    finally:
        heap.trim()


def json_lines(values: Iterable[Any]) -> Iterable[bytes]:
    """JSON values as a stream of lines; None gives an empty piece."""
    for value in values:
        yield b"" if value is None else encode_json(value) + b"\r\n"


def encode_json(value: Any) -> bytes:
    """A JSON value as Go writes it, without spaces: scripts look for `"Running":true`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
