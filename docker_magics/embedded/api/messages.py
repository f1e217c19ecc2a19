"""The requests that handlers receive, and the responses that they return."""

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
from . import go_types
from .untrusted_json import parse_json

#: The largest JSON body, as in dockerd. Archives are streamed and have no limit.
MAX_JSON = 4 * 1024 * 1024
#: How many values of an array are in one piece.
_BATCH = 1000
_FALSE = {"", "0", "no", "false", "none"}


class Peer(Protocol):
    """The client at the other end of a connection."""

    def is_disconnected(self) -> bool:
        """Whether it has closed the connection."""


@dataclass
class Request:
    """A call of the API.

    Attributes:
        method: GET, POST, ...
        path: without the version, percent-decoded.
        query: parameter -> values, in their order.
        headers: names in lower case.
        body: a stream, from which archives are read piece by piece.
        peer: the client.
        version: the client's API version, such as (1, 51).
        params: the `{name}` parts of the route.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: io.RawIOBase
    peer: Peer
    version: tuple[int, int] = (1, 51)
    params: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """Return a query parameter's first value."""
        return self.query.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """Return a query parameter's values."""
        return list(self.query.get(name, []))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean parameter. As in dockerd, 0, no, false, none and "" are false."""
        values = self.query.get(name)
        return default if values is None else values[0].strip().lower() not in _FALSE

    def number(self, name: str, default: int = 0) -> int:
        """Return an integer parameter; the default if it is absent or empty.

        Raises:
            BadParameter: it is not an integer.
        """
        text = self.get(name)
        with as_bad_parameter():
            return go.atoi(text) if text else default

    def filters(self) -> wire_filters.Filters:
        """Return the `filters` parameter.

        Raises:
            BadParameter: it is not a JSON map of filters.
        """
        try:
            return wire_filters.decode(self.get("filters"))
        except wire_filters.FilterError as error:
            raise BadParameter(str(error)) from error

    def json(self, go_type: str, *, required: bool = True) -> dict[str, Any]:
        """Return the body, a JSON object, with the fields of a Go struct.

        Args:
            go_type: the struct; see `go_structs`.
            required: whether an empty body is an error; else it is {}.

        Raises:
            BadParameter: the body is not a JSON object, has a field of a wrong type, or is too
                large.
        """
        data = self.body.read(MAX_JSON + 1) or b""
        if len(data) > MAX_JSON:
            raise BadParameter("request body too large")
        if not data.strip():
            if required:
                raise BadParameter("invalid JSON: got EOF while reading request body")
            return {}
        content_type = self.headers.get("content-type", "")
        if content_type.split(";")[0].strip() != "application/json":
            raise BadParameter(
                f"unsupported Content-Type header ({content_type}): must be 'application/json'"
            )
        try:
            value = go_types.decoded(parse_json(data), go_type)
        except (ValueError, BadParameter) as error:
            message = str(error).removeprefix("invalid JSON: ")
            raise BadParameter(f"invalid JSON: {message}") from error
        return value or {}


@dataclass
class Json:
    """A response with a JSON body."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Empty:
    """A response without a body."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Text:
    """A response with a body of plain text."""

    text: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Stream:
    """A chunked response.

    Attributes:
        pieces: of the body; each is sent at once. At an empty piece the server checks whether the
            client has disconnected, and then closes the iterator.
    """

    pieces: Iterable[bytes]
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class RawConnection(Protocol):
    """A hijacked connection: raw bytes follow the HTTP request and response."""

    #: What the client sent right after its request.
    early: bytes

    def fileno(self) -> int:
        """Return the socket's descriptor."""

    def recv(self, size: int) -> bytes:
        """Return some bytes, the early ones first; empty at the end of input."""

    def sendall(self, data: bytes) -> None:
        """Send all of the data."""

    def close_write(self) -> None:
        """Send the end of output."""


@dataclass
class Hijack:
    """Hijack the connection: `talk` exchanges raw bytes on it; then it is closed.

    source: Engine API, "Attach to a container", section "Hijacking".
    """

    talk: Callable[[RawConnection], None]
    content_type: str = "application/vnd.docker.raw-stream"
    headers: Mapping[str, str] = field(default_factory=dict)


Response = Json | Empty | Text | Stream | Hijack


def json_stream(messages: Iterator[Any]) -> Stream:
    """Return messages as a stream of lines of JSON.

    An error before the first message fails the request. A later one becomes the last message, as
    the response has begun.
    """
    first = next(messages, None)
    return Stream(json_lines(with_error(itertools.chain([first], messages))))


def with_error(messages: Iterator[Any]) -> Iterator[Any]:
    """Yield messages; an error becomes the last one."""
    try:
        yield from messages
    except Exception as exception:
        error = as_api_error(exception)
        code = getattr(error, "code", None)
        detail = {**({"code": code} if code else {}), "message": str(error)}
        yield {"errorDetail": detail, "error": str(error)}
    finally:
        heap.trim()


def json_lines(values: Iterable[Any]) -> Iterable[bytes]:
    """Yield values as lines of JSON; None as an empty piece."""
    for value in values:
        yield b"" if value is None else encode_json(value) + b"\r\n"


def json_array(values: Iterator[Any]) -> Stream:
    """Return values as a JSON array in pieces; null if it is empty, as Go encodes a nil slice.

    An error before the first value fails the request.
    """
    return Stream(_array_pieces(list(itertools.islice(values, _BATCH)), values))


def _array_pieces(batch: list[Any], values: Iterator[Any]) -> Iterator[bytes]:
    if not batch:
        yield b"null\n"
        return
    opening = b"["
    while batch:
        yield opening + encode_json(batch)[1:-1]
        opening, batch = b",", list(itertools.islice(values, _BATCH))
    yield b"]\n"


def encode_json(value: Any) -> bytes:
    """Encode a value as Go does, without spaces: scripts search for `"Running":true`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
