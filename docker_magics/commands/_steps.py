"""What a request's way was, from what is known of it alone: the arrows of a trace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from docker_magics.engine.recording import Exchange, Message
from docker_magics.results import human
from docker_magics.results.sequence import Lane, Step, milliseconds

from ._mask import mask

#: Characters of a body that are kept.
_BODY = 2000

#: Fields that are true, false or left to the engine.
_THREE_VALUED = frozenset({"EnableIPv4", "EnableIPv6", "Init"})

#: Method and path of a request that reaches a container -> what the engine does there.
_IN_CONTAINERS = (
    (r"POST /containers/create", "create"),
    (r"POST /containers/[^/]+/(attach)", "attach"),
    (r"POST /containers/[^/]+/(start|stop|restart|kill|pause|unpause|update|resize)", ""),
    (r"POST /exec/[^/]+/start", "exec"),
    (r"DELETE /containers/[^/]+", "remove"),
    (r"PUT /containers/[^/]+/archive", "write files"),
)
#: The same for what comes from a container.
_FROM_CONTAINERS = (
    (r"GET /containers/[^/]+/logs", "what it wrote"),
    (r"GET /containers/[^/]+/(?:archive|export)", "files"),
)
#: What a layer's status says of the registry.
_FROM_REGISTRY = "Download complete"
_TO_REGISTRY = ("Pushed", "Mounted from")
_ABOUT_REGISTRY = ("Pulling from", "The push refers to")


def steps(exchanges: Sequence[Exchange]) -> list[Step]:
    """The arrows of all requests, in the order of time."""
    found = [
        step
        for number, exchange in enumerate(exchanges, 1)
        for step in (*_request(exchange, number), *_answer(exchange, number))
    ]
    return sorted(found, key=lambda step: step.at)


def query_text(exchange: Exchange) -> str:
    """The query as people read it: `name=web&tag=1`."""
    pairs = mask(dict(exchange.query))
    return "&".join(
        f"{name}={value}"
        for name, values in pairs.items()
        for value in (values if isinstance(values, list) else [values])
    )


def body_text(exchange: Exchange) -> str:
    """What was sent, as JSON without what is empty; or how much, where it is an archive."""
    if exchange.body is None:
        return f"<{human.size(exchange.sent)} of data>" if exchange.upload else ""
    text = json.dumps(_filled(mask(exchange.body)), ensure_ascii=False)
    return human.ellipsis(text, _BODY)


def _filled(value: Any) -> Any:
    """JSON without what is empty, false or 0, as most fields of a container are."""
    if isinstance(value, dict):
        kept = {key: _filled(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each or key in _THREE_VALUED}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def answer_text(exchange: Exchange) -> str:
    """The answer in short: an ID, an exit code, how many there are, the engine's refusal."""
    if exchange.failure or exchange.hijacked:
        return exchange.failure
    if exchange.messages:
        return exchange.messages[-1].status
    found = answer_json(exchange)
    if isinstance(found, list):
        return f"{len(found)} entries"
    if not isinstance(found, dict):
        return ""
    if exchange.status >= 400:
        return str(found.get("message") or found.get("cause") or "")
    if "StatusCode" in found:
        return f"exit code {found['StatusCode']}"
    identity = str(found.get("Id") or found.get("ID") or found.get("Name") or "")
    return human.short_id(identity) if len(identity) > 40 else identity


def answer_json(exchange: Exchange) -> Any:
    """The answer, where it is JSON and was kept whole."""
    try:
        return json.loads(exchange.answer) if exchange.answer else None
    except ValueError:
        return None


def _request(exchange: Exchange, number: int) -> Iterator[Step]:
    query = query_text(exchange)
    asked = f"{exchange.method} {unquote(exchange.path)}{f'?{query}' if query else ''}"
    said = human.short_ids(asked)
    detail = body_text(exchange)
    yield Step(exchange.start, Lane.CLIENT, Lane.ENGINE, said, number, detail=detail)
    for message in exchange.messages:
        yield from _of_registry(message, number)
    yield from _of_container(exchange, number)


def _of_registry(message: Message, number: int) -> Iterator[Step]:
    """A word of progress that speaks of the registry, in the engine's own words."""
    size = f", {human.size(message.total)}" if message.total else ""
    said = f"{message.identity[:12]}: {message.status}{size}"
    if message.status.startswith(_ABOUT_REGISTRY):
        yield Step(message.at, Lane.ENGINE, Lane.REGISTRY, message.status, number)
    elif message.status == _FROM_REGISTRY:
        yield Step(message.at, Lane.REGISTRY, Lane.ENGINE, said, number, is_answer=True)
    elif message.status.startswith(_TO_REGISTRY):
        yield Step(message.at, Lane.ENGINE, Lane.REGISTRY, said, number)


def _of_container(exchange: Exchange, number: int) -> Iterator[Step]:
    """What reached a container, and what came of it."""
    if exchange.status >= 400 or exchange.answered is None:
        return
    if verb := _named(exchange, _IN_CONTAINERS):
        yield Step(exchange.answered, Lane.ENGINE, Lane.CONTAINER, verb, number)
    if exchange.end is None:
        return
    if exchange.hijacked and exchange.path.endswith(("/attach", "/start")):
        said = f"output {human.size(exchange.received)}, input {human.size(exchange.written)}"
        yield Step(exchange.end, Lane.CONTAINER, Lane.CLIENT, said, number, is_answer=True)
    elif what := _named(exchange, _FROM_CONTAINERS):
        said = f"{what}: {human.size(exchange.received)}"
        yield Step(exchange.end, Lane.CONTAINER, Lane.ENGINE, said, number, is_answer=True)
    elif exchange.path.endswith("/wait") and (ended := answer_text(exchange)):
        yield Step(exchange.end, Lane.CONTAINER, Lane.ENGINE, ended, number, is_answer=True)


def _named(exchange: Exchange, places: Sequence[tuple[str, str]]) -> str:
    for pattern, name in places:
        if match := re.fullmatch(pattern, f"{exchange.method} {exchange.path}"):
            return name or match[1]
    return ""


def _answer(exchange: Exchange, number: int) -> Iterator[Step]:
    failed = bool(exchange.failure) or exchange.status >= 400
    at = exchange.answered if exchange.hijacked or exchange.end is None else exchange.end
    if at is None:
        return  # there was none yet
    yield Step(
        at,
        Lane.ENGINE,
        Lane.CLIENT,
        _answer_line(exchange),
        number,
        is_answer=True,
        failed=failed,
    )


def _answer_line(exchange: Exchange) -> str:
    if exchange.failure:
        return f"no answer: {exchange.failure}"
    if exchange.hijacked:
        return f"{exchange.status}: the connection stays open"
    said = f"{exchange.status} {_phrase(exchange.status)}"
    size = f", {human.size(exchange.received)}" if exchange.received else ""
    if exchange.end is None:
        return f"{said}: more is to come"
    short = answer_text(exchange)
    took = milliseconds(exchange.end - exchange.start)
    return f"{said}{size}, after {took}{f': {short}' if short else ''}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
