"""JSON that is nested without end is refused wherever it comes from."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable

import pytest

from docker_magics.embedded.api.untrusted_json import parse_json
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.archive import read_json
from docker_magics.embedded.images.config import parse_config
from docker_magics.embedded.registry import credentials
from docker_magics.embedded.server import server

DEEP = b"[" * 200_000
OBJECTS = b'{"a":' * 200_000


@pytest.mark.parametrize("data", [DEEP, OBJECTS])
@pytest.mark.parametrize("parse", [parse_json, read_json])
def test_nested_json_is_a_bad_parameter(parse: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(BadParameter, match="exceeded max depth"):
        parse(data)


def test_a_nested_configuration() -> None:
    with pytest.raises(BadParameter, match="invalid image configuration"):
        parse_config(DEEP)


def test_nested_credentials() -> None:
    with pytest.raises(BadParameter, match="exceeded max depth"):
        credentials.from_header(base64.urlsafe_b64encode(DEEP).decode())


def test_a_connection_s_stack_is_large_enough_for_the_decoder() -> None:
    errors: list[Exception] = []

    def parse() -> None:
        try:
            parse_json(DEEP)
        except BadParameter as error:
            errors.append(error)

    size = threading.stack_size(server._STACK_BYTES)  # noqa: SLF001 - what the server uses
    try:
        thread = threading.Thread(target=parse)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert len(errors) == 1
    assert server._STACK_BYTES >= 2 << 20  # noqa: SLF001 - 3.13 overflows smaller ones


def test_other_json() -> None:
    assert parse_json('{"a": [1]}') == {"a": [1]}
    assert parse_json(rb'["\ud800", "\ud83d\ude00"]') == ["\N{REPLACEMENT CHARACTER}", "\U0001f600"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nope", "invalid character 'n' looking for beginning of value"),
        (b"NaN", "invalid character 'N' looking for beginning of value"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b'{"a": 1, }', "invalid character '}' looking for beginning of object key string"),
        (b"{a", "invalid character 'a' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b"[1 2]", "invalid character '2' after array element or object key:value pair"),
        (b"{} {}", "invalid character '{' after top-level value"),
        (b'["\n"]', r"invalid character '\n' in string literal"),
        (b"", "unexpected end of JSON input"),
        (b'{"a": ', "unexpected end of JSON input"),
        (b'"a', "unexpected end of JSON input"),
    ],
)
def test_errors_are_worded_as_by_go(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_json(data)
