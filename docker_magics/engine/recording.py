"""Recording of an engine's requests and responses, for `docker trace`."""

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

#: How many bytes of a response are recorded; of progress streams only the messages are.
_MAX_RECORDED = 64 * 1024
#: Endpoints that stream progress.
_PROGRESS = ("/images/create", "/images/load", "/build", "/push")


@dataclass(frozen=True)
class Message:
    """A progress message of the engine. Of each layer, only the first of each status is recorded.

    Attributes:
        at: seconds since the recording began.
        identity: the `id` field, mostly a layer's ID; "" if missing.
        status: `Pulling fs layer`, `Pull complete`, ...
        total: the layer's size in bytes, 0 while unknown.
    """

    at: float
    identity: str
    status: str
    total: int


@dataclass
class Exchange:
    """A request and its response. Headers are not recorded: they may contain credentials.

    Attributes:
        path: the path without the API version.
        body: the JSON body, or None.
        upload: whether a body other than JSON was sent, such as an archive.
        start, answered, end: the times of the request, of the response's headers and of its last
            byte, in seconds since the recording began; None before they happen.
        sent: bytes of the request's body.
        written: bytes written to a hijacked connection.
        received: bytes of the response.
        status: the HTTP status, 0 without a response.
        hijacked: whether the connection was hijacked.
        answer: the first bytes of the response; empty for a hijacked connection.
        messages: the progress messages.
        failure: the name of the exception if no response arrived.
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
    """Records the requests of all threads until it is stopped."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._began = time.perf_counter()
        self._lock = threading.Lock()
        self._stopped = False

    def now(self) -> float:
        """Return the seconds since the recording began."""
        return time.perf_counter() - self._began

    def stop(self) -> float:
        """Stop recording further requests; return the time."""
        self._stopped = True
        return self.now()

    def begin(self, method: str, path: str, options: dict[str, Any]) -> ExchangeRecorder:
        """Record the start of a request; count the bytes of `options["data"]`."""
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
    """Records one request and its response."""

    def __init__(self, recorder: TraceRecorder, exchange: Exchange) -> None:
        self.exchange = exchange
        self._recorder = recorder
        self._has_progress = exchange.path.endswith(_PROGRESS)
        self._rest = b""
        self._seen: set[tuple[str, str]] = set()
        self._totals: dict[str, int] = {}

    def counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces of an upload and count their bytes."""
        for piece in pieces:
            self.exchange.sent += len(piece)
            yield piece

    def failed(self, error: Exception) -> None:
        """Record that no response arrived."""
        self.exchange.failure = type(error).__name__
        self.exchange.end = self._recorder.now()

    def answered(self, response: Response, *, stream: bool) -> None:
        """Record the response's headers; with `stream`, record the body while it is read."""
        self.exchange.status = response.status_code
        self.exchange.answered = self._recorder.now()
        if stream:
            response.raw = _RecordedResponse(response.raw, self)
        else:
            self.received(response.content)
            self.ended()

    def received(self, data: bytes, *, keep: bool = True) -> None:
        """Record a piece of the response; b"" is its end."""
        self.exchange.received += len(data)
        if not data:
            self.ended()
        elif not keep:
            return
        elif self._has_progress and self.exchange.status < 400:
            self._note(data)
        elif len(self.exchange.answer) < _MAX_RECORDED:
            self.exchange.answer += data[:_MAX_RECORDED]

    def ended(self) -> None:
        """Record that the response is complete, or was closed."""
        if self.exchange.end is None:
            self.exchange.end = self._recorder.now()

    def _note(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                value = json.loads(line)
            except ValueError:
                continue  # a blank line, or not JSON
            if isinstance(value, dict):
                self._note_message(value)

    def _note_message(self, value: Mapping[str, Any]) -> None:
        identity, status = str(value.get("id") or ""), str(value.get("status") or "")
        status = status or str(value.get("error") or "")
        if not status:
            return
        announced = int((value.get("progressDetail") or {}).get("total") or 0)
        total = self._totals[identity] = max(announced, self._totals.get(identity, 0))
        if (identity, status) not in self._seen:
            self._seen.add((identity, status))
            self.exchange.messages.append(Message(self._recorder.now(), identity, status, total))


class _RecordedResponse:
    """urllib3's response; reads are recorded."""

    def __init__(self, raw: Any, recorder: ExchangeRecorder) -> None:
        self._raw = raw
        self.recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def read(self, *arguments: Any, **options: Any) -> bytes:
        """Do as urllib3.HTTPResponse does, and record it."""
        data: bytes = self._raw.read(*arguments, **options)
        self.recorder.received(data)
        if not arguments and "amt" not in options:
            self.recorder.ended()
        return data

    def stream(self, *arguments: Any, **options: Any) -> Iterator[bytes]:
        """Do as urllib3.HTTPResponse does, and record it."""
        try:
            for piece in self._raw.stream(*arguments, **options):
                self.recorder.received(piece)
                yield piece
        finally:
            self.recorder.ended()

    def close(self) -> None:
        """Do as urllib3.HTTPResponse does, and record it."""
        self.recorder.ended()
        self._raw.close()


class RecordedConnection(HijackedConnection):
    """A hijacked connection whose bytes are counted, not recorded."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        raw: Any = response.raw  # a _RecordedResponse
        self._recorder: ExchangeRecorder = raw.recorder
        self._recorder.exchange.hijacked = True

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        data = super().read()
        self._recorder.received(data, keep=False)
        return data

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        super().write(data)
        self._recorder.exchange.written += len(data)

    def close(self) -> None:
        """Close both directions."""
        self._recorder.ended()
        super().close()
