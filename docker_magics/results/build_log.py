"""The log of a build that has ended, as `--progress plain` of the docker CLI writes it.

source: moby/buildkit, util/progress/progressui, printer.go and display.go; tonistiigi/units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docker_magics.engine.buildkit.protobuf import Message

_RULE = "------"
#: The lines of a failed step that are repeated at the end.
_REPEATED = 10
#: Shorter times are not shown, in seconds.
_SHORT_S = 0.01
_CANCELED = "context canceled"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


@dataclass
class _Step:
    """A step: its last message, those of its parts and warnings, and its output."""

    vertex: Message
    statuses: dict[str, Message] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    is_partial: bool = False

    def add(self, log: Message) -> None:
        """Add output; each line has its time, in seconds since the step started."""
        seconds = (log.time(2) or 0.0) - (self.vertex.time(5) or 0.0)
        digits = 3 if seconds < 10 else 2 if seconds < 100 else 1
        *lines, rest = bytes(log.one(4, b"")).decode(errors="replace").split("\n")
        for text in [*lines, *([rest] if rest else [])]:
            if self.is_partial:
                self.output[-1] += text
            else:
                self.output.append(f"{seconds:.{digits}f} {text}")
            self.is_partial = False
        self.is_partial = bool(rest)


def plain_log(responses: Iterable[bytes]) -> str:
    """Return the log of StatusResponse messages, the steps in the order in which they ended.

    Raises:
        ProtobufError: the bytes are not such messages.
    """
    steps: dict[str, _Step] = {}
    for response in map(Message, responses):
        _add(steps, response)
    ended = [step for step in steps.values() if step.vertex.time(6) is not None]
    ended.sort(key=lambda step: step.vertex.time(6) or 0.0)
    parts = ["\n".join(_lines(step, number)) for number, step in enumerate(ended, 1)]
    failed = ["\n".join(_failure(step)) for step in steps.values() if _has_failed(step)]
    return "\n\n".join(parts) + "".join(f"\n{part}" for part in failed) + "\n"


def _add(steps: dict[str, _Step], response: Message) -> None:
    for vertex in map(Message, response.all(1)):
        steps.setdefault(vertex.text(1), _Step(vertex)).vertex = vertex
    for status in map(Message, response.all(2)):
        if step := steps.get(status.text(2)):
            step.statuses[status.text(1)] = status
    for warning in map(Message, response.all(4)):
        if step := steps.get(warning.text(1)):
            step.warnings.append(warning.text(3))
    for log in map(Message, response.all(3)):
        if step := steps.get(log.text(1)):
            step.add(log)


def _lines(step: _Step, number: int) -> Iterator[str]:
    yield f"#{number} {step.vertex.text(3)}"
    for name, status in step.statuses.items():
        yield f"#{number} {name}{_amount(status)}{_took(status)}"
    for warning in step.warnings:
        yield f"#{number} WARN: {warning}"
    for line in step.output:
        yield f"#{number} {line}"
    error = step.vertex.text(7)
    if error.endswith(_CANCELED):
        yield f"#{number} CANCELED"
    elif error:
        yield f"#{number} ERROR: {error}"
    elif step.vertex.one(4, 0):
        yield f"#{number} CACHED"
    else:
        seconds = (step.vertex.time(6) or 0.0) - (step.vertex.time(5) or 0.0)
        yield f"#{number} DONE {seconds:.1f}s"


def _amount(status: Message) -> str:
    """Return ` 12.5MB / 30.1MB`, or ` 12.5MB` if the total is unknown."""
    current, total = status.one(4, 0), status.one(5, 0)
    if total:
        return f" {_size(current)} / {_size(total)}"
    return f" {_size(current)}" if current else ""


def _took(status: Message) -> str:
    started, completed = status.time(7), status.time(8)
    end = status.time(6) if completed is None else completed
    seconds = (end or 0.0) - (started or 0.0) if started is not None else 0.0
    took = f" {seconds:.1f}s" if seconds > _SHORT_S else ""
    return took if completed is None else f"{took} done"


def _size(count: int) -> str:
    value, place = float(count), 0
    while value >= 1000 and place < len(_UNITS) - 1:
        value, place = value / 1000, place + 1
    return f"{value:.2f}{_UNITS[place]}" if place else f"{count}B"


def _has_failed(step: _Step) -> bool:
    error = step.vertex.text(7)
    return bool(error) and not error.endswith(_CANCELED)


def _failure(step: _Step) -> Iterator[str]:
    yield _RULE
    yield f" > {step.vertex.text(3)}:"
    yield from step.output[-_REPEATED:]
    yield _RULE
