"""BuildKit's progress, as the Engine API hands it on: `moby.buildkit.trace` lines.

A line's `aux` is a protobuf message in base64, read here by hand: six message types of it are used.

source: moby/buildkit, api/services/control/control.proto: StatusResponse; protobuf's wire format.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TRACE_ID = "moby.buildkit.trace"
IMAGE_ID = "moby.image.id"

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class TraceError(ValueError):
    """The bytes are no such message."""


@dataclass(frozen=True)
class Vertex:
    """A step of the build; times in seconds since 1970, None where it has not come to that."""

    digest: str
    inputs: tuple[str, ...] = ()
    name: str = ""
    cached: bool = False
    started: float | None = None
    completed: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Status:
    """Work inside a step, as the pull of one layer: how much of how much, in bytes."""

    identity: str
    vertex: str
    current: int = 0
    total: int = 0
    completed: float | None = None


@dataclass(frozen=True)
class Log:
    """What a step's process wrote: stream 1 or 2."""

    vertex: str
    stream: int
    data: bytes


@dataclass(frozen=True)
class Warning:  # noqa: A001 - the message's own name
    """What the builder warns of."""

    vertex: str
    short: str
    url: str = ""


@dataclass(frozen=True)
class Trace:
    """One StatusResponse."""

    vertexes: list[Vertex] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)


def decode(aux: str) -> Trace:
    """The message of a line's `aux`.

    Raises:
        TraceError: it is none.
    """
    try:
        data = base64.b64decode(aux, validate=True)
        return _trace(data)
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        raise TraceError(f"no build progress: {error}") from error


def _trace(data: bytes) -> Trace:
    trace = Trace()
    for number, value in _fields(data):
        match number:
            case 1:
                trace.vertexes.append(_vertex(value))
            case 2:
                trace.statuses.append(_status(value))
            case 3:
                trace.logs.append(_log(value))
            case 4:
                trace.warnings.append(_warning(value))
    return trace


def _vertex(data: bytes) -> Vertex:
    found = _Message(data)
    return Vertex(
        digest=found.text(1),
        inputs=tuple(value.decode() for value in found.all(2)),
        name=found.text(3),
        cached=bool(found.one(4, 0)),
        started=found.time(5),
        completed=found.time(6),
        error=found.text(7),
    )


def _status(data: bytes) -> Status:
    found = _Message(data)
    current, total = found.one(4, 0), found.one(5, 0)
    return Status(found.text(1) or found.text(3), found.text(2), current, total, found.time(8))


def _log(data: bytes) -> Log:
    found = _Message(data)
    return Log(found.text(1), found.one(3, 1), found.one(4, b""))


def _warning(data: bytes) -> Warning:
    found = _Message(data)
    return Warning(found.text(1), found.text(3), found.text(5))


class _Message:
    """A message's fields by number."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[Any]] = {}
        for number, value in _fields(data):
            self._fields.setdefault(number, []).append(value)

    def all(self, number: int) -> list[Any]:
        return self._fields.get(number, [])

    def one(self, number: int, default: Any) -> Any:
        """The last one: a field that is given twice has its last value."""
        return self._fields.get(number, [default])[-1]

    def text(self, number: int) -> str:
        value = self.one(number, b"")
        return value.decode(errors="replace") if isinstance(value, bytes) else ""

    def time(self, number: int) -> float | None:
        """A Timestamp: seconds and nanoseconds."""
        data = self.one(number, None)
        if data is None:
            return None
        stamp = _Message(data)
        return float(stamp.one(1, 0)) + float(stamp.one(2, 0)) / 1e9


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if size is None:
            if kind != _BYTES:
                raise TraceError(f"unknown wire type {kind}")
            size, at = _varint(data, at)
        if at + size > len(data):
            raise TraceError("cut off")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise TraceError("number too long")
