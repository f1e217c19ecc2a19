"""Requests, responses and routes of the API."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded import API_VERSION, MIN_API_VERSION
from docker_magics.embedded.api import messages
from docker_magics.embedded.api.maps import sort_maps
from docker_magics.embedded.api.messages import Json, Request
from docker_magics.embedded.api.router import Route, Router
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound

PRESENT = SimpleNamespace(is_disconnected=lambda: False)
ABSENT = SimpleNamespace(is_disconnected=lambda: True)


def request(path: str = "/", method: str = "GET", body: bytes = b"", **query: str) -> Request:
    """Return a request with a JSON body."""
    return Request(
        method=method,
        path=path,
        query={name: [value] for name, value in query.items()},
        headers={"content-type": "application/json; charset=utf-8"},
        body=io.BytesIO(body),  # type: ignore[arg-type]
        peer=PRESENT,
    )


@pytest.mark.parametrize("text", ["1", "true", "yes", "x", " TRUE "])
def test_true_flags(text: str) -> None:
    assert request(flag=text).flag("flag")


@pytest.mark.parametrize("text", ["0", "no", "FALSE", "none", "", " 0 "])
def test_false_flags(text: str) -> None:
    assert not request(flag=text).flag("flag", default=True)


def test_absent_parameters_have_defaults() -> None:
    empty = request()
    assert empty.flag("flag", default=True)
    assert not empty.flag("flag")
    assert empty.number("n", 5) == 5
    assert request(n="").number("n", 5) == 5
    assert empty.get("name", "x") == "x"
    assert empty.all("name") == []
    assert empty.filters() == {}


def test_numbers() -> None:
    assert request(n="-12").number("n") == -12
    for text in ("x", "1.5", " 1", "9" * 30):
        with pytest.raises(BadParameter):
            request(n=text).number("n")


def test_filters() -> None:
    assert request(filters='{"label": ["a", "b"]}').filters() == {"label": ["a", "b"]}
    for text in ("x", "[]", "7", '{"a": 1}'):
        with pytest.raises(BadParameter):
            request(filters=text).filters()


def json_of(body: bytes, *, required: bool = True) -> dict[str, Any]:
    """Return the body of a request to create a container."""
    return request(body=body).json("container.CreateRequest", required=required)


def test_a_json_body() -> None:
    body = b'{"image": "x", "TTY": true, "hostConfig": null, "Unknown": 7}'
    assert json_of(body) == {"Image": "x", "Tty": True}


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_a_body_that_is_not_required(body: bytes) -> None:
    assert json_of(body, required=False) == {}
    with pytest.raises(BadParameter, match="invalid JSON: got EOF while reading request body"):
        json_of(body)


def test_a_null_body_is_empty() -> None:
    assert json_of(b"null") == {}


CREATE = "container.CreateRequest"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "^invalid JSON: unexpected end of JSON input$"),
        (b"[]", f"^invalid JSON: json: cannot unmarshal array into Go value of type {CREATE}$"),
        (b"7", f"^invalid JSON: json: cannot unmarshal number into Go value of type {CREATE}$"),
        (b'{"Image": 7}', "^invalid JSON: json: cannot unmarshal number into Go struct field"),
        (b'{"Image": NaN}', "^invalid JSON: invalid character 'N' looking for beginning of value$"),
        (b"[" * 100_000, "^invalid JSON: exceeded max depth$"),
        (b"\xff\xfe", "invalid JSON: "),
        (b'"' + b"a" * messages.MAX_JSON, "too large"),
    ],
    ids=range(8),
)
def test_bodies_that_are_rejected(body: bytes, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        json_of(body)


def test_a_body_of_another_type() -> None:
    text = request(body=b"{}")
    text.headers = {"content-type": "text/plain"}
    with pytest.raises(BadParameter, match=r"unsupported Content-Type header \(text/plain\)"):
        text.json(CREATE)


def lines(stream: messages.Stream) -> list[Any]:
    """Return the JSON of a stream."""
    return [json.loads(piece) for piece in stream.pieces]


def test_a_stream_of_json() -> None:
    stream = messages.json_stream(iter([{"a": 1}, {"b": "ä<"}]), PRESENT)
    assert b"".join(stream.pieces) == '{"a":1}\r\n{"b":"ä<"}\r\n'.encode()
    assert list(messages.json_lines([None, {}])) == [b"", b"{}\r\n"]


def test_arrays_in_pieces() -> None:
    assert b"".join(messages.json_array(iter([])).pieces) == b"null\n"
    assert b"".join(messages.json_array(iter([{"a": 1}])).pieces) == b'[{"a":1}]\n'
    pieces = list(messages.json_array(iter(range(2500))).pieces)
    assert len(pieces) == 4
    assert json.loads(b"".join(pieces)) == list(range(2500))
    with pytest.raises(NotFound):
        messages.json_array(failing(NotFound("no such container")))


def failing(error: Exception, *before: Any) -> Iterator[Any]:
    """Yield messages, then fail."""
    yield from before
    raise error


def test_an_early_error_fails_the_request() -> None:
    with pytest.raises(NotFound):
        messages.json_stream(failing(NotFound("no such image")), PRESENT)


def test_an_error_after_a_wait_fails_the_request_too() -> None:
    with pytest.raises(NotFound):
        messages.json_stream(failing(NotFound("no such image"), None, None), PRESENT)


def test_messages_that_take_long_are_cancelled_with_their_client() -> None:
    stream = messages.json_stream(itertools.repeat(None), ABSENT)
    assert next(iter(stream.pieces)) == b""


def test_a_late_error_is_the_last_message() -> None:
    begun = {"status": "begun"}
    assert lines(messages.json_stream(failing(Conflict("no"), begun), PRESENT)) == [
        begun,
        {"errorDetail": {"message": "no"}, "error": "no"},
    ]
    coded = ApiError("failed")
    coded.code = 7  # type: ignore[attr-defined]
    last = lines(messages.json_stream(failing(coded, begun), PRESENT))[1]
    assert last["errorDetail"] == {"code": 7, "message": "failed"}
    last = lines(messages.json_stream(failing(OSError(28, ""), begun), PRESENT))[1]
    assert last["error"] == "cannot write to the disk: no space left on device"


def test_maps_are_sorted_and_structs_are_not() -> None:
    value = {"Z": 1, "A": {"Labels": {"b": 1, "a": {"y": 1, "x": 2}}}}
    assert json.dumps(sort_maps([value])) == json.dumps(
        [{"Z": 1, "A": {"Labels": {"a": {"y": 1, "x": 2}, "b": 1}}}]
    )
    config = {"LogConfig": {"Type": "x", "Config": {"b": "1", "a": "2"}}}
    assert list(sort_maps(config)["LogConfig"]["Config"]) == ["a", "b"]


def route(method: str, path: str) -> Route:
    """Return a route that answers with its path and parameters."""
    return Route(method, path, lambda request: Json([path, request.params, request.version]))


ROUTER = Router(
    [
        [route("GET", "/containers/json"), route("GET", "/containers/{name}/json")],
        [route("GET", "/images/{name:.*}/json"), route("POST", "/images/create")],
        [route("HEAD", "/_ping"), route("GET", "/a.b")],
    ]
)


def answer(path: str, method: str = "GET") -> Any:
    """Return the value of the response."""
    response = ROUTER.answer(request(path, method))
    assert isinstance(response, Json)
    return response.value


def test_routes() -> None:
    assert answer("/containers/json")[0] == "/containers/json"
    assert answer("/containers/web/json")[1] == {"name": "web"}
    assert answer("/images/host:5000/a/b:tag/json")[1] == {"name": "host:5000/a/b:tag"}
    assert answer("/containers/a\nb/json")[1] == {"name": "a\nb"}
    assert answer("/containers/json", "HEAD")[0] == "/containers/json"
    assert answer("/_ping", "HEAD")[0] == "/_ping"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"), ("POST", "/containers/json"), ("GET", "/containers/a/b/json"),
        ("GET", "/containers//json"), ("GET", "/images//json"), ("GET", "/axb"), ("GET", ""),
        ("GET", "/images/create"), ("GET", "/v1.40"), ("GET", "/_ping"),
    ],
)  # fmt: skip
def test_pages_that_do_not_exist(method: str, path: str) -> None:
    with pytest.raises(NotFound, match="page not found"):
        answer(path, method)


def test_versions() -> None:
    major, minor = map(int, API_VERSION.split("."))
    assert answer(f"/v{API_VERSION}/containers/json")[2] == (major, minor)
    assert answer(f"/v{MIN_API_VERSION}/containers/json")[2] == (1, 22)
    with pytest.raises(BadParameter, match=rf"1.21 is too old.*version is {MIN_API_VERSION}, pl"):
        answer("/v1.21/containers/json")
    for version in (f"1.{minor + 1}", "1.100", "2.0"):
        with pytest.raises(BadParameter, match=rf"{version} is too new.* is {API_VERSION}$"):
            answer(f"/v{version}/containers/json")
