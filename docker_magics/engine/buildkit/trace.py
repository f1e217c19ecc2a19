"""BuildKit's progress as the Engine API reports it: `moby.buildkit.trace` messages.

The `aux` field of such a message is a protobuf message in base64.

source: moby/buildkit, api/services/control/control.proto: StatusResponse.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from .protobuf import Message

TRACE_ID = "moby.buildkit.trace"


class TraceError(ValueError):
    """The text is not a base64-encoded StatusResponse."""


@dataclass(frozen=True)
class Vertex:
    """A build step. Times are in seconds since 1970, None before they happen."""

    digest: str
    inputs: tuple[str, ...] = ()
    name: str = ""
    cached: bool = False
    started: float | None = None
    completed: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Status:
    """The progress of work inside a step, such as the download of a layer; in bytes."""

    identity: str
    vertex: str
    current: int = 0
    total: int = 0
    completed: float | None = None


@dataclass(frozen=True)
class Log:
    """Output of a step's process; stream 1 is stdout, 2 is stderr."""

    vertex: str
    stream: int
    data: bytes


@dataclass(frozen=True)
class Warning:  # noqa: A001 - the message's own name
    """A warning of the builder; `line` is the Dockerfile's, counted from 1, or None if unknown."""

    vertex: str
    short: str
    url: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Trace:
    """A decoded StatusResponse."""

    vertexes: list[Vertex] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)


def decode(aux: str) -> Trace:
    """Decode the `aux` field.

    Raises:
        TraceError: the text is not a StatusResponse.
    """
    try:
        return parse(base64.b64decode(aux, validate=True))
    except (ValueError, TypeError, AttributeError) as error:
        raise TraceError(f"cannot decode build progress: {error}") from error


def parse(data: bytes) -> Trace:
    """Return a StatusResponse.

    Raises:
        ProtobufError: the bytes are not a message.
    """
    response = Message(data)
    return Trace(
        vertexes=[_vertex(vertex) for vertex in response.all(1)],
        statuses=[_status(status) for status in response.all(2)],
        logs=[_log(log) for log in response.all(3)],
        warnings=[_warning(warning) for warning in response.all(4)],
    )


def _vertex(data: bytes) -> Vertex:
    vertex = Message(data)
    return Vertex(
        digest=vertex.text(1),
        inputs=tuple(digest.decode() for digest in vertex.all(2)),
        name=vertex.text(3),
        cached=bool(vertex.one(4, 0)),
        started=vertex.time(5),
        completed=vertex.time(6),
        error=vertex.text(7),
    )


def _status(data: bytes) -> Status:
    status = Message(data)
    current, total = status.one(4, 0), status.one(5, 0)
    return Status(status.text(1) or status.text(3), status.text(2), current, total, status.time(8))


def _log(data: bytes) -> Log:
    log = Message(data)
    return Log(log.text(1), log.one(3, 1), log.one(4, b""))


def _warning(data: bytes) -> Warning:
    warning = Message(data)
    starts = [
        Message(Message(source_range).one(1, b"")).one(1, None) for source_range in warning.all(7)
    ]
    return Warning(warning.text(1), warning.text(3), warning.text(5), next(iter(starts), None))
