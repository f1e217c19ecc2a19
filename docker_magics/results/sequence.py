"""A sequence diagram: who said what to whom, from top to bottom in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from . import human
from .svg import COLOURS, LINE, MUTED, TEXT, picture, text, tooltip

#: Steps that are drawn; a table has all of them.
_DRAWN = 80
_TOP, _ROW = 56, 30
#: Characters of a step's text between client and engine, and to the right of the engine.
_LEFT_TEXT, _RIGHT_TEXT = 46, 40


class Lane(IntEnum):
    """Who takes part, from left to right."""

    CLIENT = 0
    ENGINE = 1
    REGISTRY = 2
    CONTAINER = 3

    @property
    def title(self) -> str:
        """Its name: `engine`."""
        return self.name.lower()


_PLACES = {Lane.CLIENT: 92, Lane.ENGINE: 420, Lane.REGISTRY: 566, Lane.CONTAINER: 706}
#: What stands above each: its name, and what it is.
LaneHeadings = Mapping[Lane, tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """One arrow.

    Attributes:
        at: seconds since the beginning.
        sender, receiver: from where to where.
        text: what is said.
        request: the number of the request that it belongs to, from 1.
        is_answer: whether it is one: its line is broken.
        failed: whether it says that something failed.
        detail: more of it, for a pointer on it.
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
    """`12 ms`, `1.2 s`; nothing for no time."""
    if seconds != seconds:  # noqa: PLR0124 - only NaN is unequal to itself
        return ""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def sequence_diagram(title: str, steps: Sequence[Step], headings: LaneHeadings) -> str:
    """SVG; its description says the steps in words."""
    drawn = steps[:_DRAWN]
    height = _TOP + _ROW * len(drawn) + (30 if len(steps) > _DRAWN else 12)
    used = {lane for step in drawn for lane in (step.sender, step.receiver)}
    parts = [text(0, 14, title, weight=600)]
    parts += [_lane(lane, headings[lane], height, is_used=lane in used) for lane in Lane]
    parts += [_arrow(step, _TOP + _ROW * (place + 1)) for place, step in enumerate(drawn)]
    if len(steps) > _DRAWN:
        more = f"… and {len(steps) - _DRAWN:,} more, in the table"
        parts.append(text(_PLACES[Lane.CLIENT], height - 10, more, fill=MUTED))
    return picture(height, title, "".join(parts), description=steps_as_text(drawn))


def steps_as_text(steps: Sequence[Step]) -> str:
    """A line a step: `12 ms  client -> engine  1 POST /containers/create`."""
    rows = [
        (milliseconds(step.at), f"{step.sender.title} -> {step.receiver.title}", _said(step))
        for step in steps
    ]
    return "\n".join(f"{at:>8}  {way:22} {said}" for at, way, said in rows)


def _said(step: Step) -> str:
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
    more = f"{_said(step)}\n{step.detail}".strip()
    return (
        f"<g>{tooltip(more)}{text(0, y + 4, milliseconds(step.at), fill=MUTED)}"
        f"{text(left + 8, y - 6, human.ellipsis(_said(step), room))}"
        f'<path d="M{start} {y}H{end - 6 * side}" stroke="{shade}" stroke-width="1.6"{dashes}/>'
        f'<path d="M{end} {y}l{-8 * side} -4v8z" fill="{shade}"/></g>'
    )


def _shade(step: Step) -> str:
    if step.failed:
        return COLOURS[6]
    return COLOURS[max(step.sender, step.receiver) - 1]
