"""The diagram of the build cache: what a build reused, and why it did the rest again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docker_magics.commands.image._saved_image import Step
from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import GREEN, ORANGE, RED, WIDTH, Picture, arrow, box

from .image_steps import base_length, saved_steps, title

_REUSED = Phrase("reused", "재사용")
_CHANGED = Phrase("changed", "바뀜")
_AGAIN = Phrase("done again", "다시 실행")
_UNCHANGED = Phrase("nothing changed up to here", "여기까지 바뀐 것이 없음")
_FOLLOWS = Phrase("a step before it changed", "앞 단계가 바뀌었음")
_COLOURS = {_REUSED: GREEN, _CHANGED: ORANGE, _AGAIN: RED}
_BASE = Phrase("the base image, the same for both", "베이스 이미지, 둘이 같음")
#: The top of the first step, its height, and that of a row with the arrow.
_TOP, _HEIGHT, _ROW = 28, 44, 60
#: Where the steps begin; left of them is what became of each.
_LEFT = 110


@dataclass(frozen=True)
class _Outcome:
    """The outcome of a step in the later build, with its reason."""

    step: str
    outcome: Phrase
    reason: Phrase


def build_cache(
    before: str, after: str, *, base: str | None = None, lang: str | None = None
) -> Picture:
    """Draw which steps a build reused from an earlier one, and why not the others.

    A step is reused if its layer and all steps before it are the same as in the earlier image.

    Args:
        before: the image of the earlier build, a name or an ID.
        after: the image of the later build.
        base: the image that both are built from; its steps are drawn as one box.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        NotFound: an image does not exist.

    source: Engine API, ImageGet, ImageHistory, ImageInspect.
    """
    language, lab = chosen(lang), Lab()
    count = base_length(lab, after, base)
    steps = list(_outcomes(saved_steps(lab, before)[count:], saved_steps(lab, after)[count:]))
    reused = sum(one.outcome is _REUSED for one in steps)
    heading = Phrase(
        f"The build cache: {reused} of {len(steps)} steps reused",
        f"빌드 캐시: 단계 {len(steps)}개 중 {reused}개 재사용",
    )
    described = [f"{one.outcome[language]}: {one.step} ({one.reason[language]})" for one in steps]
    top, content = _TOP, ""
    if count:
        line = _BASE[language]
        content = box(_LEFT, top, WIDTH - _LEFT, _HEIGHT, [line], heading=f"FROM {base}")
        described.insert(0, f"FROM {base}: {line}")
        top += _ROW
    content += "".join(_drawn(one, top + _ROW * row, language) for row, one in enumerate(steps))
    return Picture(heading[language], top + _ROW * len(steps) - 14, content, described)


def _outcomes(before: Sequence[Step], after: Sequence[Step]) -> Iterator[_Outcome]:
    """Yield what became of each step with a layer, and of the first change."""
    is_same = True
    for place, step in enumerate(after):
        old = before[place] if place < len(before) else None
        if is_same and old and (step.created_by, step.layer) == (old.created_by, old.layer):
            outcome = _Outcome(title(step), _REUSED, _UNCHANGED)
        elif is_same:
            is_same = False
            yield _first_change(step, old)
            continue
        else:
            outcome = _Outcome(title(step), _AGAIN, _FOLLOWS)
        if step.layer:
            yield outcome


def _first_change(step: Step, old: Step | None) -> _Outcome:
    line, was = title(step), title(old) if old else ""
    if not was:
        return _Outcome(line, _CHANGED, Phrase("a new line", "새 줄"))
    if _without_hashes(was) != _without_hashes(line):
        return _Outcome(line, _CHANGED, Phrase(f"was: {was}", f"이전: {was}"))
    if line.startswith(("COPY", "ADD")):
        return _Outcome(line, _CHANGED, Phrase("its files changed", "파일이 바뀌었음"))
    return _Outcome(line, _AGAIN, Phrase("not in the cache", "캐시에 없었음"))


def _drawn(one: _Outcome, y: int, language: str) -> str:
    colour, lines = _COLOURS[one.outcome], [one.reason[language]]
    return (
        box(0, y + 8, _LEFT - 10, 28, [one.outcome[language]], colour=colour)
        + box(_LEFT, y, WIDTH - _LEFT, _HEIGHT, lines, heading=one.step, colour=colour)
        + arrow(_LEFT + 20, y - (_ROW - _HEIGHT), _LEFT + 20, y)
    )


def _without_hashes(line: str) -> str:
    """Return an instruction without the hashes that the classic builder writes for files."""
    return re.sub(r":[0-9a-f]{12}\b", "", line)
