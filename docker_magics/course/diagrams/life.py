"""The diagram of a container's life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import GREEN, LINE, MUTED, Picture, arrow, box, text

_NEVER = "0001-"
_STATES = {
    "created": Phrase("created", "생성됨"),
    "running": Phrase("running", "실행 중"),
    "paused": Phrase("paused", "일시 정지"),
    "exited": Phrase("exited", "종료됨"),
    "deleted": Phrase("deleted", "삭제됨"),
}
#: The engine does not remember whether a container has ever existed.
_MISSING = Phrase("not there (deleted, or never created)", "없음 (삭제했거나 만든 적 없음)")
_COMMANDS = (
    Phrase("docker create: created", "docker create: 생성됨"),
    Phrase(
        "docker start: created or exited -> running", "docker start: 생성됨 또는 종료됨 -> 실행 중"
    ),
    Phrase("docker run = create + start", "docker run = create + start"),
    Phrase(
        "docker stop, docker kill, or its process ends: running -> exited",
        "docker stop, docker kill, 또는 프로세스가 끝남: 실행 중 -> 종료됨",
    ),
    Phrase(
        "docker rm: created or exited -> deleted; docker rm -f: running -> deleted",
        "docker rm: 생성됨 또는 종료됨 -> 삭제됨, docker rm -f: 실행 중 -> 삭제됨",
    ),
)
#: The position of each state's box: x and y of its upper left corner.
_PLACES = {
    "created": (0, 84),
    "running": (205, 84),
    "paused": (205, 190),
    "exited": (430, 84),
    "deleted": (630, 84),
}
_SIZE = (130, 58)


def life_cycle(container: str | None = None, *, lang: str | None = None) -> Picture:
    """Draw the states and the commands between them, and highlight a container's current state.

    Args:
        container: a container's name or ID.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    source: Engine API, ContainerInspect.
    """
    language = chosen(lang)
    inspected = Lab().container(container) if container else None
    now = _state(inspected)
    since = _since(inspected or {})
    title = Phrase("The life cycle of a container", "컨테이너의 생명 주기")[language]
    if container:
        title += f": {container}, {_STATES.get(now, _MISSING)[language]}"
    boxes = [
        box(
            *_PLACES[name],
            *_SIZE,
            [since.get(name, "")],
            heading=heading[language],
            colour=_colour(name, now),
        )
        for name, heading in _STATES.items()
    ]
    descriptions = [f"{_STATES[name][language]}: {time}" for name, time in since.items()]
    return Picture(
        title,
        256,
        "".join(boxes) + _arrows(language),
        descriptions or [command[language] for command in _COMMANDS],
    )


def _state(inspected: Mapping[str, Any] | None) -> str:
    if inspected is None:
        return ""
    status: str = inspected["State"]["Status"]
    return {"dead": "exited", "removing": "exited", "restarting": "running"}.get(status, status)


def _colour(name: str, now: str) -> str:
    return GREEN if name == now else LINE


def _since(inspected: Mapping[str, Any]) -> dict[str, str]:
    """Return the UTC time at which each state was entered; states never entered are omitted."""
    state = inspected.get("State") or {}
    times = {
        "created": inspected.get("Created"),
        "running": state.get("StartedAt"),
        "exited": state.get("FinishedAt"),
    }
    return {
        name: f"{datetime.fromisoformat(time):%H:%M:%S} UTC"
        for name, time in times.items()
        if time and not time.startswith(_NEVER)
    }


def _arrows(language: str) -> str:
    ends = Phrase("stop, kill, end", "stop, kill, 끝남")[language]
    return "".join(
        (
            f'<path d="M10 62V48H270V62" fill="none" stroke="{MUTED}"/>',
            text(140, 42, "run = create + start", anchor="middle", fill=MUTED),
            arrow(130, 113, 205, 113, "start"),
            arrow(335, 104, 430, 104, ends),
            arrow(430, 128, 335, 128),
            text(382, 146, "start", anchor="middle", fill=MUTED),
            arrow(560, 113, 630, 113, "rm"),
            f'<path d="M65 84V70H660" fill="none" stroke="{MUTED}"/>',
            arrow(660, 70, 660, 84, ""),
            text(600, 64, "rm, rm -f", anchor="middle", fill=MUTED),
            arrow(250, 142, 250, 190, ""),
            text(242, 170, "pause", anchor="end", fill=MUTED),
            arrow(290, 190, 290, 142, "unpause"),
        )
    )
