"""A sequence diagram of messages between client, engine, registry and container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from . import human
from .svg import COLOURS, LINE, MUTED, TEXT, picture, text, tooltip

#: Maximum number of steps in a drawing; the table has all of them.
_MAX_STEPS = 80
_TOP, _ROW = 56, 30
#: Maximum characters of a step's label between client and engine, and right of the engine.
_LEFT_TEXT, _RIGHT_TEXT = 46, 40


class Lane(IntEnum):
    """The participants, from left to right."""

    CLIENT = 0
    ENGINE = 1
    REGISTRY = 2
    CONTAINER = 3

    @property
    def title(self) -> str:
        """The participant's name, `engine`."""
        return self.name.lower()


_PLACES = {Lane.CLIENT: 92, Lane.ENGINE: 420, Lane.REGISTRY: 566, Lane.CONTAINER: 706}
#: The name and the description above each lane.
LaneHeadings = Mapping[Lane, tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """One arrow of the diagram.

    Attributes:
        at: seconds since the command began.
        sender: the lane at which it starts.
        receiver: the lane at which it ends.
        text: its label.
        request: the number of its request, from 1.
        is_answer: whether it is a response, which is drawn with a dashed line.
        failed: whether it reports a failure.
        detail: further text for its tooltip.
    """

    at: float
    sender: Lane
    receiver: Lane
    text: str
    request: int
    is_answer: bool = False
    failed: bool = False
    detail: str = ""


def milliseconds(seconds: float) -> str:
    """Format a duration: `12 ms`, `1.2 s`; "" for NaN."""
    if seconds != seconds:  # noqa: PLR0124 - only NaN is unequal to itself
        return ""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def sequence_diagram(title: str, steps: Sequence[Step], headings: LaneHeadings) -> str:
    """Return the diagram as SVG, with the steps as its text alternative."""
    drawn = steps[:_MAX_STEPS]
    height = _TOP + _ROW * len(drawn) + (30 if len(steps) > _MAX_STEPS else 12)
    used = {lane for step in drawn for lane in (step.sender, step.receiver)}
    parts = [text(0, 14, title, weight=600)]
    parts += [_lane(lane, headings[lane], height, is_used=lane in used) for lane in Lane]
    parts += [_arrow(step, _TOP + _ROW * (place + 1)) for place, step in enumerate(drawn)]
    if len(steps) > _MAX_STEPS:
        more = f"… and {len(steps) - _MAX_STEPS:,} more, in the table"
        parts.append(text(_PLACES[Lane.CLIENT], height - 10, more, fill=MUTED))
    return picture(height, title, "".join(parts), description=steps_as_text(drawn))


def steps_as_text(steps: Sequence[Step]) -> str:
    """Return one line per step: `12 ms  client -> engine  1 POST /containers/create`."""
    rows = [
        (milliseconds(step.at), f"{step.sender.title} -> {step.receiver.title}", _label(step))
        for step in steps
    ]
    return "\n".join(f"{at:>8}  {way:22} {label}" for at, way, label in rows)


def _label(step: Step) -> str:
    return f"{step.request} {step.text}"


def _lane(lane: Lane, head: tuple[str, str], height: int, *, is_used: bool) -> str:
    x = _PLACES[lane]
    return (
        text(x, 36, head[0], weight=600, anchor="middle", fill=TEXT if is_used else MUTED)
        + text(x, 50, head[1], fill=MUTED, anchor="middle")
        + f'<path d="M{x} {_TOP + 2}V{height - 2}" stroke="{LINE}" '
        f'stroke-width="{2 if is_used else 1}"/>'
    )


def _arrow(step: Step, y: int) -> str:
    start, end = _PLACES[step.sender], _PLACES[step.receiver]
    left = min(start, end)
    room = _LEFT_TEXT if left == _PLACES[Lane.CLIENT] else _RIGHT_TEXT
    side = 1 if end > start else -1
    shade = _shade(step)
    dashes = ' stroke-dasharray="5 3"' if step.is_answer else ""
    more = f"{_label(step)}\n{step.detail}".strip()
    return (
        f"<g>{tooltip(more)}{text(0, y + 4, milliseconds(step.at), fill=MUTED)}"
        f"{text(left + 8, y - 6, human.ellipsis(_label(step), room))}"
        f'<path d="M{start} {y}H{end - 6 * side}" stroke="{shade}" stroke-width="1.6"{dashes}/>'
        f'<path d="M{end} {y}l{-8 * side} -4v8z" fill="{shade}"/></g>'
    )


def _shade(step: Step) -> str:
    if step.failed:
        return COLOURS[6]
    return COLOURS[max(step.sender, step.receiver) - 1]
