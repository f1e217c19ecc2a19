"""The diagram of an image's layers: what each added, changed and hid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docker_magics.commands.image._saved_image import Step
from docker_magics.commands.image._waste import hidden_bytes
from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results import human
from docker_magics.results.drawing import BLUE, GREEN, LINE, ORANGE, WIDTH, Picture, box

from .image_steps import Changes, base_length, changes, saved_steps, title

#: Paths of a layer that are named; the others are counted.
_NAMED = 3


@dataclass(frozen=True)
class _Box:
    """A step of the image: its heading, lines (none if it has no layer) and colour."""

    heading: str
    lines: Sequence[str]
    colour: str = LINE

    @property
    def height(self) -> int:
        return 30 + 16 * len(self.lines)


def layers(image: str, *, base: str | None = None, lang: str | None = None) -> Picture:
    """Draw the layers of an image, the newest above, and what each added, changed and hid.

    Args:
        image: the image's name or ID.
        base: the image that it is built from; its layers are drawn as one box.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        NotFound: the image does not exist.

    source: Engine API, ImageGet, ImageHistory, ImageInspect.
    """
    language, lab = chosen(lang), Lab()
    steps = saved_steps(lab, image)
    count = base_length(lab, image, base)
    boxes = [_base(base or "", steps[:count], language)] if count else []
    boxes += _own(steps, count, language)
    number = sum(bool(step.layer) for step in steps)
    heading = Phrase(
        f"The layers of {image}: {number}, the newest above",
        f"{image}의 레이어 {number}개: 위가 최신",
    )
    newest_first = boxes[::-1]
    described = ["; ".join([one.heading, *one.lines]) for one in newest_first]
    return Picture(heading[language], *_drawn(newest_first), described)


def _drawn(boxes: Sequence[_Box]) -> tuple[int, str]:
    """Return the height and the SVG of a stack of boxes."""
    y, parts = 28, []
    for one in boxes:
        height, place = one.height, (0, y, WIDTH)
        parts.append(
            box(*place, height, one.lines, heading=one.heading, colour=one.colour)
            if one.lines
            else box(*place, height, [one.heading], dashed=True)
        )
        y += height + 5
    return y, "".join(parts)


def _base(base: str, steps: Sequence[Step], language: str) -> _Box:
    base_layers = [step.entries for step in steps if step.layer]
    entries = [entry for layer in base_layers for entry in layer]
    files = sum(not name.endswith("/") for name, _ in entries)
    size = human.size(sum(size or 0 for _, size in entries))
    heading = Phrase(f"FROM {base}: the base image", f"FROM {base}: 베이스 이미지")
    plural = "" if len(base_layers) == 1 else "s"
    line = Phrase(
        f"{len(base_layers)} layer{plural}, {files} files, {size}; shared with other images",
        f"레이어 {len(base_layers)}개, 파일 {files}개, {size}, 다른 이미지와 공유",
    )
    return _Box(heading[language], [line[language]], BLUE)


def _own(steps: Sequence[Step], first: int, language: str) -> list[_Box]:
    """Return the boxes of the steps from `first`, the number of the base's steps."""
    with_layer = [step for step in steps if step.layer]
    entries = [step.entries for step in with_layer]
    details = iter(zip(changes(entries), hidden_bytes(entries), strict=True))
    boxes = []
    for place, step in enumerate(steps):
        change, hidden = next(details) if step.layer else (Changes(), 0)
        if place >= first:
            boxes.append(_box(step, change, hidden, language))
    return boxes


def _box(step: Step, change: Changes, hidden: int, language: str) -> _Box:
    if not step.layer:
        note = Phrase("a note, no layer", "메모, 레이어 없음")[language]
        return _Box(f"{title(step)} ({note})", ())
    kinds = (
        (Phrase("added", "추가"), change.added),
        (Phrase("changed", "변경"), change.changed),
        (Phrase("hid", "가림"), change.hid),
    )
    lines = [f"{kind[language]}: {_named(paths, language)}" for kind, paths in kinds if paths]
    lines = lines or [Phrase("an empty layer", "빈 레이어")[language]]
    size = sum(size or 0 for _, size in step.entries)
    lines.append(_size(size, hidden)[language])
    return _Box(title(step), lines, ORANGE if hidden else GREEN)


def _named(paths: Sequence[str], language: str) -> str:
    shown = ", ".join(paths[:_NAMED])
    more = len(paths) - _NAMED
    if more <= 0:
        return shown
    return f"{shown}, {Phrase(f'and {more} more', f'외 {more}개')[language]}"


def _size(size: int, hidden: int) -> Phrase:
    whole = human.size(size)
    if not hidden:
        return Phrase(whole, whole)
    lost = human.size(hidden)
    en, ko = ("all of it", "모두") if hidden == size else (f"{lost} of it", f"그중 {lost}를")
    return Phrase(
        f"{whole}, {en} hidden by a layer above: not seen, but still in the image",
        f"{whole}, {ko} 위 레이어가 가림: 안 보이지만 이미지에 남아 있음",
    )
