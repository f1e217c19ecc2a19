"""The arrows of a trace's sequence diagram, derived from the recorded requests alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from docker_magics.engine.recording import Exchange, Message
from docker_magics.explain.texts import texts
from docker_magics.phrase import language
from docker_magics.results import human
from docker_magics.results.sequence import Lane, Step, milliseconds

from ._mask import mask

#: The maximum length of a body's text, in characters.
_MAX_BODY = 2000

#: Fields in which false differs from null, the engine's default.
_THREE_VALUED = frozenset({"EnableIPv4", "EnableIPv6", "Init"})

#: Method and path of requests that reach a container -> the operation on the container.
_IN_CONTAINERS = (
    (r"POST /containers/create", "create"),
    (r"POST /containers/[^/]+/(attach)", "attach"),
    (r"POST /containers/[^/]+/(start|stop|restart|kill|pause|unpause|update|resize)", ""),
    (r"POST /exec/[^/]+/start", "exec"),
    (r"DELETE /containers/[^/]+", "remove"),
    (r"PUT /containers/[^/]+/archive", "write files"),
)
#: Method and path of requests for data of a container -> the sentence that names the data.
_FROM_CONTAINERS = (
    (r"GET /containers/[^/]+/logs", "trace_output"),
    (r"GET /containers/[^/]+/(?:archive|export)", "trace_files"),
)
#: Progress statuses that imply traffic with a registry.
_FROM_REGISTRY = "Download complete"
_TO_REGISTRY = ("Pushed", "Mounted from")
_ABOUT_REGISTRY = ("Pulling from", "The push refers to")


def steps(exchanges: Sequence[Exchange]) -> list[Step]:
    """Return the arrows of all requests in chronological order."""
    arrows = [
        step
        for number, exchange in enumerate(exchanges, 1)
        for step in (*_request(exchange, number), *_answer(exchange, number))
    ]
    return sorted(arrows, key=lambda step: step.at)


def query_text(exchange: Exchange) -> str:
    """Return the query in readable form: `name=web&tag=1`."""
    pairs = mask(dict(exchange.query))
    return "&".join(
        f"{name}={value}"
        for name, values in pairs.items()
        for value in (values if isinstance(values, list) else [values])
    )


def body_text(exchange: Exchange) -> str:
    """Return the JSON body without empty fields, or the size of an uploaded archive."""
    if exchange.body is None:
        return f"<{human.size(exchange.sent)} of data>" if exchange.upload else ""
    text = json.dumps(_without_empty(mask(exchange.body)), ensure_ascii=False)
    return human.ellipsis(text, _MAX_BODY)


def _without_empty(value: Any) -> Any:
    """Drop fields that are empty, false or 0, as most fields of a container are."""
    if isinstance(value, dict):
        fields = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in fields.items() if item or key in _THREE_VALUED}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def answer_text(exchange: Exchange) -> str:
    """Summarize the response: an ID, an exit code, a count, or the error message."""
    if exchange.failure or exchange.hijacked:
        return exchange.failure
    if exchange.messages:
        return exchange.messages[-1].status
    answer = answer_json(exchange)
    if isinstance(answer, list):
        return _say("trace_entries", count=len(answer))
    if not isinstance(answer, dict):
        return ""
    if exchange.status >= 400:
        return str(answer.get("message") or answer.get("cause") or "")
    if "StatusCode" in answer:
        return _say("trace_exit_code", code=answer["StatusCode"])
    identity = str(answer.get("Id") or answer.get("ID") or answer.get("Name") or "")
    return human.short_id(identity) if len(identity) > 40 else identity


def answer_json(exchange: Exchange) -> Any:
    """Return the response's JSON, or None if it is not JSON or not recorded completely."""
    try:
        return json.loads(exchange.answer) if exchange.answer else None
    except ValueError:
        return None


def _request(exchange: Exchange, number: int) -> Iterator[Step]:
    query = query_text(exchange)
    request = f"{exchange.method} {unquote(exchange.path)}{f'?{query}' if query else ''}"
    label = human.short_ids(request)
    detail = body_text(exchange)
    yield Step(exchange.start, Lane.CLIENT, Lane.ENGINE, label, number, detail=detail)
    for message in exchange.messages:
        yield from _of_registry(message, number)
    yield from _of_container(exchange, number)


def _of_registry(message: Message, number: int) -> Iterator[Step]:
    """Yield the arrow of a progress message that implies traffic with the registry."""
    size = f", {human.size(message.total)}" if message.total else ""
    label = f"{message.identity[:12]}: {message.status}{size}"
    if message.status.startswith(_ABOUT_REGISTRY):
        yield Step(message.at, Lane.ENGINE, Lane.REGISTRY, message.status, number)
    elif message.status == _FROM_REGISTRY:
        yield Step(message.at, Lane.REGISTRY, Lane.ENGINE, label, number, is_answer=True)
    elif message.status.startswith(_TO_REGISTRY):
        yield Step(message.at, Lane.ENGINE, Lane.REGISTRY, label, number)


def _of_container(exchange: Exchange, number: int) -> Iterator[Step]:
    """Yield the arrows between the engine and the container."""
    if exchange.status >= 400 or exchange.answered is None:
        return
    if verb := _named(exchange, _IN_CONTAINERS):
        yield Step(exchange.answered, Lane.ENGINE, Lane.CONTAINER, verb, number)
    if exchange.end is None:
        return
    if exchange.hijacked and exchange.path.endswith(("/attach", "/start")):
        output, written = human.size(exchange.received), human.size(exchange.written)
        label = _say("trace_streams", output=output, input=written)
        yield Step(exchange.end, Lane.CONTAINER, Lane.CLIENT, label, number, is_answer=True)
    elif data := _named(exchange, _FROM_CONTAINERS):
        label = f"{_say(data)}: {human.size(exchange.received)}"
        yield Step(exchange.end, Lane.CONTAINER, Lane.ENGINE, label, number, is_answer=True)
    elif exchange.path.endswith("/wait") and (exit_text := answer_text(exchange)):
        yield Step(exchange.end, Lane.CONTAINER, Lane.ENGINE, exit_text, number, is_answer=True)


def _named(exchange: Exchange, places: Sequence[tuple[str, str]]) -> str:
    for pattern, name in places:
        if match := re.fullmatch(pattern, f"{exchange.method} {exchange.path}"):
            return name or match[1]
    return ""


def _answer(exchange: Exchange, number: int) -> Iterator[Step]:
    failed = bool(exchange.failure) or exchange.status >= 400
    at = exchange.answered if exchange.hijacked or exchange.end is None else exchange.end
    if at is None:
        return  # no response yet
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
        return _say("trace_no_answer", failure=exchange.failure)
    if exchange.hijacked:
        return _say("trace_stays_open", status=exchange.status)
    summary = f"{exchange.status} {_reason(exchange.status)}"
    size = f", {human.size(exchange.received)}" if exchange.received else ""
    if exchange.end is None:
        return _say("trace_continues", summary=summary)
    short = answer_text(exchange)
    duration = milliseconds(exchange.end - exchange.start)
    answered = _say("trace_after", summary=f"{summary}{size}", duration=duration)
    return f"{answered}: {short}" if short else answered


def _say(sentence: str, **values: Any) -> str:
    return texts(language()).say(sentence, **values)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
