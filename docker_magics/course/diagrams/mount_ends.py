"""The diagram of a container's mounts: both ends of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.engine.client import path
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import BLUE, GREEN, LINE, ORANGE, Picture, arrow, box, text

from .running import name_of

#: The widths of the outer and the inner boxes, where the inner ones begin, and heights.
_LEFT, _WIDTH, _RIGHT, _HEIGHT, _ROW = 340, 310, 450, 62, 76
#: Characters of a path that fit into a box.
_LENGTH = 46


@dataclass(frozen=True)
class _Kind:
    """A kind of mount: its outer end, how long that stays, and the effect in the container."""

    heading: Phrase
    colour: str
    stays: Phrase
    effect: Phrase


_HIDES = Phrase("hides what the image has here", "이미지의 같은 폴더를 가림")
_KINDS = {
    "bind": _Kind(
        Phrase("your folder (bind mount)", "내 폴더 (바인드 마운트)"),
        BLUE,
        Phrase("yours: Docker never removes it", "내 것: Docker가 지우지 않음"),
        _HIDES,
    ),
    "volume": _Kind(
        Phrase("volume {name}", "볼륨 {name}"),
        GREEN,
        Phrase("stays until docker volume rm", "docker volume rm 전까지 남음"),
        Phrase("what is written here stays", "여기에 쓴 것은 남음"),
    ),
    "tmpfs": _Kind(
        Phrase("memory (tmpfs)", "메모리 (tmpfs)"),
        ORANGE,
        Phrase("gone when the container stops", "컨테이너가 멈추면 사라짐"),
        _HIDES,
    ),
    "image": _Kind(
        Phrase("image {name}", "이미지 {name}"),
        LINE,
        Phrase("stays until docker rmi", "docker rmi 전까지 남음"),
        _HIDES,
    ),
}
_WRITABLE = Phrase("read, write", "읽기, 쓰기")
_READ_ONLY = Phrase("read only", "읽기 전용")
_ELSEWHERE = Phrase("everywhere else", "나머지 모든 곳")
_ANYWHERE = Phrase("everywhere (no mounts)", "모든 곳 (마운트 없음)")
_GONE = Phrase("its own layer: gone with docker rm", "자신의 쓰기 레이어: docker rm으로 사라짐")


def mounts(container: str, *, lang: str | None = None) -> Picture:
    """Draw both ends of each mount of a container, and its writable layer.

    Args:
        container: the container's name or ID; it need not run.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        NotFound: the container does not exist.

    source: Engine API, ContainerInspect.
    """
    language = chosen(lang)
    inspected = Lab().engine.get(path("containers", container, "json"))
    name = name_of(inspected)
    mounted = [*inspected.get("Mounts", []), *_memory(inspected)]
    outside = Phrase("outside of the container", "컨테이너 밖")[language]
    inside = Phrase(f"in the container {name}", f"컨테이너 {name} 안")[language]
    parts = [text(0, 44, outside, weight=600), text(_RIGHT, 44, inside, weight=600)]
    described = []
    for row, mount in enumerate(mounted):
        drawn, line = _mount(mount, 54 + _ROW * row, language)
        parts.append(drawn)
        described.append(line)
    bottom = 54 + _ROW * len(mounted)
    rest = (_ELSEWHERE if mounted else _ANYWHERE)[language]
    parts.append(box(_RIGHT, bottom, _WIDTH, 46, [_GONE[language]], heading=rest))
    title = Phrase(f"Where {name} keeps its files", f"{name}의 파일이 있는 곳")[language]
    lines = [*described, f"{rest}: {_GONE[language]}"]
    return Picture(title, bottom + 50, "".join(parts), lines)


def _memory(inspected: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the mounts of --tmpfs, which are not in the list of mounts of all engines."""
    listed = {mount["Destination"] for mount in inspected.get("Mounts", [])}
    targets = inspected["HostConfig"].get("Tmpfs") or {}
    return [
        {"Type": "tmpfs", "Destination": target, "RW": True}
        for target in targets
        if target not in listed
    ]


def _mount(mount: Mapping[str, Any], y: int, language: str) -> tuple[str, str]:
    """Return a mount as SVG and as a line of text."""
    kind = _KINDS.get(mount["Type"], _KINDS["bind"])
    heading = kind.heading[language].format(name=mount.get("Name", ""))
    source, target = mount.get("Source") or "", mount["Destination"]
    stays, effect = kind.stays[language], kind.effect[language]
    is_writable = mount.get("RW", True)
    access = (_WRITABLE if is_writable else _READ_ONLY)[language]
    left = [line for line in (_end_of(source), stays) if line]
    level = y + _HEIGHT / 2
    drawn = (
        box(0, y, _LEFT, _HEIGHT, left, heading=heading, colour=kind.colour)
        + arrow(_LEFT, level, _RIGHT, level, access)
        + (arrow(_RIGHT, level, _LEFT, level) if is_writable else "")
        + box(_RIGHT, y, _WIDTH, _HEIGHT, [effect], heading=target, colour=kind.colour)
    )
    outside = f"{heading} {source}".strip()
    return drawn, f"{outside} -> {target} ({access}); {stays}; {effect}"


def _end_of(source: str) -> str:
    """Return the end of a path, which says more than its beginning."""
    return source if len(source) <= _LENGTH else f"…{source[1 - _LENGTH :]}"
