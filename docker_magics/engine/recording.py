"""The requests of an engine's client, as they are sent and answered: what `docker trace` shows.

An engine that nobody watches does nothing for it but look whether somebody does.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from .hijack import HijackedConnection

if TYPE_CHECKING:
    from requests import Response

#: Bytes of an answer that are kept; answers with progress are kept as their messages.
_KEPT = 64 * 1024
#: Answers that tell of work while it is done.
_PROGRESS = ("/images/create", "/images/load", "/build", "/push")


@dataclass(frozen=True)
class Message:
    """A word of the engine on its work; of a layer only its first of each status is kept.

    Attributes:
        at: seconds since the watch began.
        identity: the layer's, or what the engine names there; "" for none.
        status: `Pulling fs layer`, `Pull complete`, ...
        total: the layer's bytes, if they have been told; else 0.
    """

    at: float
    identity: str
    status: str
    total: int


@dataclass
class Exchange:
    """A request and its answer. Headers are not kept: they may hold credentials.

    Attributes:
        path: without the API version.
        body: what JSON was sent; None for none.
        upload: whether something else was sent, as an archive.
        start, answered, end: seconds since the watch began: the request, the head of the answer,
            and its last byte. None for what has not come.
        sent: bytes of the body.
        written: bytes that went into a hijacked connection.
        received: bytes of the answer.
        status: HTTP's, 0 for no answer.
        hijacked: whether the connection left HTTP.
        answer: the first bytes of the answer; nothing of a hijacked connection.
        failure: why there is no answer.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    body: Any
    upload: bool
    start: float
    answered: float | None = None
    end: float | None = None
    sent: int = 0
    written: int = 0
    received: int = 0
    status: int = 0
    hijacked: bool = False
    answer: bytes = b""
    messages: list[Message] = field(default_factory=list)
    failure: str = ""


class TraceRecorder:
    """Keeps what is sent, from all threads, until it is stopped."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._began = time.perf_counter()
        self._lock = threading.Lock()
        self._stopped = False

    def now(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._began

    def stop(self) -> float:
        """Keep nothing that is sent from now on; gives the time."""
        self._stopped = True
        return self.now()

    def begin(self, method: str, path: str, options: dict[str, Any]) -> ExchangeRecorder:
        """A request goes out; what is sent of `options["data"]` is counted."""
        data = options.get("data")
        content_type = (options.get("headers") or {}).get("Content-Type")
        body = json.loads(data) if content_type == "application/json" and data else None
        exchange = Exchange(
            method,
            path,
            dict(options.get("params") or {}),
            body,
            upload=data is not None and body is None and content_type != "application/json",
            start=self.now(),
        )
        with self._lock:
            if not self._stopped:
                self.exchanges.append(exchange)
        recorder = ExchangeRecorder(self, exchange)
        if isinstance(data, bytes):
            exchange.sent = len(data)
        elif isinstance(data, GeneratorType):
            options["data"] = recorder.counted(data)
        return recorder


class ExchangeRecorder:
    """Writes down what becomes of one request."""

    def __init__(self, watch: TraceRecorder, exchange: Exchange) -> None:
        self.exchange = exchange
        self._watch = watch
        self._has_progress = exchange.path.endswith(_PROGRESS)
        self._rest = b""
        self._seen: set[tuple[str, str]] = set()
        self._totals: dict[str, int] = {}

    def counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces of an upload, as they are sent."""
        for piece in pieces:
            self.exchange.sent += len(piece)
            yield piece

    def failed(self, error: Exception) -> None:
        """No answer came."""
        self.exchange.failure = type(error).__name__
        self.exchange.end = self._watch.now()

    def answered(self, response: Response, *, stream: bool) -> None:
        """The head of the answer is here; with `stream` the rest is watched while it is read."""
        self.exchange.status = response.status_code
        self.exchange.answered = self._watch.now()
        if stream:
            response.raw = _RecordedResponse(response.raw, self)
        else:
            self.received(response.content)
            self.ended()

    def received(self, data: bytes, *, keep: bool = True) -> None:
        """A piece of the answer; none is its end."""
        self.exchange.received += len(data)
        if not data:
            self.ended()
        elif not keep:
            return
        elif self._has_progress and self.exchange.status < 400:
            self._note(data)
        elif len(self.exchange.answer) < _KEPT:
            self.exchange.answer += data[:_KEPT]

    def ended(self) -> None:
        """The answer is whole, or was let go of."""
        if self.exchange.end is None:
            self.exchange.end = self._watch.now()

    def _note(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                value = json.loads(line)
            except ValueError:
                continue  # blank, or no JSON
            if isinstance(value, dict):
                self._note_message(value)

    def _note_message(self, value: Mapping[str, Any]) -> None:
        identity, status = str(value.get("id") or ""), str(value.get("status") or "")
        status = status or str(value.get("error") or "")
        if not status:
            return
        told = int((value.get("progressDetail") or {}).get("total") or 0)
        total = self._totals[identity] = max(told, self._totals.get(identity, 0))
        if (identity, status) not in self._seen:
            self._seen.add((identity, status))
            self.exchange.messages.append(Message(self._watch.now(), identity, status, total))


class _RecordedResponse:
    """urllib3's response, which tells what is read of it."""

    def __init__(self, raw: Any, recorder: ExchangeRecorder) -> None:
        self._raw = raw
        self.recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def read(self, *arguments: Any, **options: Any) -> bytes:
        """As urllib3's."""
        data: bytes = self._raw.read(*arguments, **options)
        self.recorder.received(data)
        if not arguments and "amt" not in options:
            self.recorder.ended()
        return data

    def stream(self, *arguments: Any, **options: Any) -> Iterator[bytes]:
        """As urllib3's."""
        try:
            for piece in self._raw.stream(*arguments, **options):
                self.recorder.received(piece)
                yield piece
        finally:
            self.recorder.ended()

    def close(self) -> None:
        """As urllib3's."""
        self.recorder.ended()
        self._raw.close()


class RecordedConnection(HijackedConnection):
    """A hijacked connection, whose bytes are counted and not kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        raw: Any = response.raw  # a _RecordedResponse
        self._recorder: ExchangeRecorder = raw.recorder
        self._recorder.exchange.hijacked = True

    def read(self) -> bytes:
        """What has come, at least one byte; nothing at the end."""
        data = super().read()
        self._recorder.received(data, keep=False)
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        super().write(data)
        self._recorder.exchange.written += len(data)

    def close(self) -> None:
        """End both ways."""
        self._recorder.ended()
        super().close()
