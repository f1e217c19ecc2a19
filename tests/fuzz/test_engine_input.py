"""What clients and containers send to the engine: requests, DNS messages, stream frames."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import dns.message
import h11
import pytest
from fuzz.shared import JSON, TEXTS, texts_of
from hypothesis import given
from hypothesis import strategies as st

from docker_magics.embedded import clock
from docker_magics.embedded.api.go_structs import STRUCTS
from docker_magics.embedded.api.go_types import decoded
from docker_magics.embedded.api.messages import Json, Request, Response
from docker_magics.embedded.api.router import Route, Router
from docker_magics.embedded.api.untrusted_json import parse_json
from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.networks.dns import Names, Query
from docker_magics.embedded.server.connection import Connection
from docker_magics.wire.frames import Frame, FrameDecoder, FrameError, Stream, encode

HEADS = texts_of(
    "/ /_ping /v1.41 ? filters= % %ff & {}",
    "GET ",
    "POST ",
    "HEAD ",
    "/v" + "9" * 5000,
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    "Host: x\r\n",
    "Content-Length: 3\r\n",
    "Content-Length: -1\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "\r\n",
    "\r\n\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "Upgrade: tcp\r\n",
    "Content-Type: application/json\r\n",
    "\x00",
    "\n",
    "x" * 100,
    size=16,
)


def _read(request: Request) -> Response:
    """Answer with all that a handler reads of a request."""
    request.filters()
    request.number("n")
    request.flag("f")
    return Json(request.json("container.Config", required=False))


ROUTER = Router([[Route("GET", "/_ping", _read), Route("POST", "/{name:.*}", _read)]])


@given(HEADS | st.binary(max_size=100))
def test_each_request_is_answered(head: str | bytes) -> None:
    data = head.encode(errors="replace") if isinstance(head, str) else head
    client, server = socket.socketpair()
    unexpected: list[Exception] = []

    def answer(request: Request) -> Response:
        try:
            return ROUTER.answer(request)
        except (ApiError, ConnectionError, h11.RemoteProtocolError):
            raise
        except Exception as error:
            unexpected.append(error)
            raise

    with client:
        client.settimeout(5)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        Connection(server, answer).serve()
        received = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert not unexpected
    assert received.startswith(b"HTTP/1.1 ") or not received


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a Go struct, and an object with some of its fields and any values."""
    struct = draw(st.sampled_from(sorted(STRUCTS)))
    names = st.sampled_from([*STRUCTS[struct], "x"])
    return struct, draw(st.dictionaries(names, JSON, max_size=3) | JSON)


@given(bodies())
def test_a_body_is_decoded_or_a_bad_parameter(body: tuple[str, Any]) -> None:
    struct, value = body
    with contextlib.suppress(BadParameter):
        once = decoded(value, struct)
        assert decoded(once, struct) == once


@given(st.binary(max_size=20) | TEXTS | JSON.map(json.dumps))
def test_json_is_parsed_or_a_value_error(data: bytes | str) -> None:
    with contextlib.suppress(ValueError, BadParameter):
        value = parse_json(data)
        assert parse_json(json.dumps(value)) == value


@given(
    texts_of(
        "2020-01-01 T 00:00:00 : .5 Z +00:00 - 99999999999999999999 0001- 1h -24:60",
    )
)
def test_a_time_is_parsed_or_a_bad_parameter(text: str) -> None:
    with contextlib.suppress(BadParameter):
        clock.parse_client_time(text)


@given(st.integers(0, 253402300799_999_999_999))
def test_a_time_is_parsed_as_it_is_formatted(nanoseconds: int) -> None:
    assert clock.parse(clock.stamp(nanoseconds)) == nanoseconds


QUERIES = st.builds(
    dns.message.make_query,
    st.sampled_from(["web.", "a.b.c.", "1.0.0.10.in-addr.arpa.", "unknown.", "x" * 63 + ".", "."]),
    st.sampled_from(["A", "AAAA", "PTR", "MX", "ANY", "OPT"]),
    use_edns=st.sampled_from([None, 0]),
)
NAMES = Names(
    {"web": ["10.0.0.1", "fe80::1"], "a.b.c": ["10.0.0.2"] * 200}.get,
    {"10.0.0.1": ["web.net", "x" * 300, ""]}.get,
    list,
)


@st.composite
def damaged_queries(draw: st.DrawFn) -> bytes:
    """Return a query with some bytes changed or missing."""
    wire = bytearray(draw(QUERIES).to_wire())
    for _ in range(draw(st.integers(0, 3))):
        wire[draw(st.integers(0, len(wire) - 1))] = draw(st.integers(0, 255))
    return bytes(wire[: draw(st.integers(0, len(wire)))] if draw(st.booleans()) else wire)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(damaged_queries() | st.binary(max_size=60), st.booleans())
def test_a_dns_message_is_answered_or_ignored(wire: bytes, over_tcp: bool) -> None:  # noqa: FBT001
    query = Query.read(wire, over_tcp=over_tcp)
    if query is None:
        return
    answer = query.own_answer(NAMES) or query.reply()
    encoded = query.encode(answer)
    assert encoded[:2] == wire[:2]
    assert over_tcp or len(encoded) <= max(query.message.payload, 512)


@given(st.binary(max_size=64))
def test_a_stream_is_decoded_or_a_frame_error(data: bytes) -> None:
    with contextlib.suppress(FrameError):
        list(FrameDecoder().feed(data))


@given(
    st.lists(st.tuples(st.sampled_from(Stream), st.binary(min_size=1, max_size=20)), max_size=5),
    st.integers(1, 9),
)
def test_frames_are_decoded_as_they_are_encoded(
    frames: list[tuple[Stream, bytes]], step: int
) -> None:
    data = b"".join(encode(stream, payload) for stream, payload in frames)
    decoder = FrameDecoder()
    decoded: list[Frame] = []
    for start in range(0, len(data), step):
        decoded += decoder.feed(data[start : start + step])
    for stream in Stream:
        expected = b"".join(payload for kind, payload in frames if kind is stream)
        assert b"".join(frame.data for frame in decoded if frame.stream is stream) == expected
