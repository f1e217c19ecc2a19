"""Recording of an engine's requests and responses, for `docker trace`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .hijack import HijackedConnection
from .http import Data
from .http_response import Response

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

    def begin(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        data: Data,
    ) -> ExchangeRecorder:
        """Record the start of a request."""
        is_json = headers.get("Content-Type") == "application/json"
        body = json.loads(data) if is_json and isinstance(data, bytes) else None
        upload = data is not None and not is_json
        exchange = Exchange(method, path, query, body, upload, start=self.now())
        with self._lock:
            if not self._stopped:
                self.exchanges.append(exchange)
        return ExchangeRecorder(self, exchange)


class ExchangeRecorder:
    """Records one request and its response."""

    def __init__(self, recorder: TraceRecorder, exchange: Exchange) -> None:
        self.exchange = exchange
        self._recorder = recorder
        self._has_progress = exchange.path.endswith(_PROGRESS)
        self._rest = b""
        self._seen: set[tuple[str, str]] = set()
        self._totals: dict[str, int] = {}

    def counted(self, data: Data) -> Data:
        """Return the body of the request, whose bytes are counted as they are sent."""
        if data is None or isinstance(data, bytes):
            self.exchange.sent = len(data or b"")
            return data
        return self._count(data)

    def _count(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.exchange.sent += len(piece)
            yield piece

    def failed(self, error: BaseException) -> None:
        """Record that no response arrived."""
        self.exchange.failure = type(error).__name__
        self.ended()

    def answered(self, response: Response) -> None:
        """Record the response's headers, and its body while it is read."""
        self.exchange.status = response.status
        self.exchange.answered = self._recorder.now()
        response.observer = self
        if response.is_complete:
            self.ended()

    def received(self, data: bytes, *, keep: bool = True) -> None:
        """Record a piece of the response; without `keep` only its length."""
        self.exchange.received += len(data)
        if not keep:
            return
        if self._has_progress and self.exchange.status < 400:
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


class RecordedConnection(HijackedConnection):
    """A hijacked connection whose bytes are counted, not recorded."""

    def __init__(self, response: Response) -> None:
        assert isinstance(response.observer, ExchangeRecorder)
        super().__init__(response.hijack())
        self._recorder = response.observer
        self._recorder.exchange.hijacked = True

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        data = super().read()
        self._recorder.received(data, keep=False)
        if not data:
            self._recorder.ended()
        return data

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        super().write(data)
        self._recorder.exchange.written += len(data)

    def close(self) -> None:
        """Close both directions."""
        self._recorder.ended()
        super().close()
