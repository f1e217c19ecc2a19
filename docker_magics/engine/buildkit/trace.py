"""BuildKit's progress, as the Engine API hands it on: `moby.buildkit.trace` lines.

A line's `aux` is a protobuf message in base64.

source: moby/buildkit, api/services/control/control.proto: StatusResponse.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from .protobuf import Message

TRACE_ID = "moby.buildkit.trace"


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
    """What the builder warns of; `line` of the Dockerfile, from 1, where it is known."""

    vertex: str
    short: str
    url: str = ""
    line: int | None = None


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
        return _trace(base64.b64decode(aux, validate=True))
    except (ValueError, TypeError, AttributeError) as error:
        raise TraceError(f"no build progress: {error}") from error


def _trace(data: bytes) -> Trace:
    found = Message(data)
    return Trace(
        vertexes=[_vertex(each) for each in found.all(1)],
        statuses=[_status(each) for each in found.all(2)],
        logs=[_log(each) for each in found.all(3)],
        warnings=[_warning(each) for each in found.all(4)],
    )


def _vertex(data: bytes) -> Vertex:
    found = Message(data)
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
    found = Message(data)
    current, total = found.one(4, 0), found.one(5, 0)
    return Status(found.text(1) or found.text(3), found.text(2), current, total, found.time(8))


def _log(data: bytes) -> Log:
    found = Message(data)
    return Log(found.text(1), found.one(3, 1), found.one(4, b""))


def _warning(data: bytes) -> Warning:
    found = Message(data)
    starts = [Message(Message(each).one(1, b"")).one(1, None) for each in found.all(7)]
    return Warning(found.text(1), found.text(3), found.text(5), next(iter(starts), None))
