"""The diagram of the three steps from an image to a container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import join
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.engine.client import path
from docker_magics.phrase import Phrase
from docker_magics.results import human
from docker_magics.results.drawing import BLUE, GREEN, ORANGE, Picture, arrow, box


def three_steps(container: str, *, lang: str | None = None) -> Picture:
    """Draw the two parts of an image, and the three steps from it to a container.

    Args:
        container: the container's name or ID. If it was not started, two steps are done.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        ApiError: the container does not exist.

    source: Engine API, ContainerInspect, ImageInspect, ImageHistory, ContainerChanges.
    """
    language, engine = chosen(lang), Lab().engine
    inspected = engine.get(path("containers", container, "json"))
    image = engine.get(path("images", inspected["Image"], "json"))
    history = engine.get(path("images", inspected["Image"], "history"))
    changes = engine.get(path("containers", container, "changes")) or []
    image_lines = [phrase[language] for phrase in _image(inspected, image)]
    steps = [
        (heading[language], [line[language] for line in lines], done)
        for heading, lines, done in (
            _place(inspected),
            _files(history, changes),
            _command(inspected, _start_command(image)),
        )
    ]
    name = inspected["Name"].removeprefix("/")
    title = Phrase(f"From the image to the container {name}", f"이미지에서 컨테이너 {name}까지")
    return Picture(title[language], 224, _draw(image_lines, steps), _describe(image_lines, steps))


def _image(inspected: Mapping[str, Any], image: Mapping[str, Any]) -> list[Phrase]:
    name = inspected["Config"]["Image"]
    command = _start_command(image)
    size = human.size(image["Size"])
    return [
        Phrase(f"image {name}", f"이미지 {name}"),
        Phrase(f"file snapshot: {size}", f"파일 스냅샷: {size}"),
        Phrase(f"start command: {command}", f"시작 명령: {command}"),
    ]


def _start_command(image: Mapping[str, Any]) -> str:
    config = image.get("Config") or {}
    return join([*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]) or "-"


_Step = tuple[Phrase, list[Phrase], bool]


#: Whether a container never ran -> why it has no address.
_NO_ADDRESS = {
    True: ("no IP yet", "아직 IP 없음"),
    False: ("IP given back", "IP 반납됨"),
}


def _place(inspected: Mapping[str, Any]) -> _Step:
    networks = (inspected["NetworkSettings"].get("Networks") or {}).items()
    lines = [
        Phrase(f"ID {inspected['Id'][:12]}", f"ID {inspected['Id'][:12]}"),
        Phrase(
            f"host name {inspected['Config']['Hostname']}",
            f"호스트 이름 {inspected['Config']['Hostname']}",
        ),
    ]
    for name, network in networks:
        address = network.get("IPAddress")
        without = _NO_ADDRESS[inspected["State"]["Status"] == "created"]
        en, ko = (address, address) if address else without
        lines.append(Phrase(f"network {name}: {en}", f"네트워크 {name}: {ko}"))
    return Phrase("1 an isolated environment", "1 격리된 공간"), lines, True


def _files(history: Sequence[Mapping[str, Any]], changes: Sequence[Any]) -> _Step:
    layers = [step["Size"] for step in history if step["Size"]]
    shown = [
        Phrase(
            f"{_count(layers, 'layer')} of the image: {human.size(sum(layers))}",
            f"이미지 레이어 {len(layers)}개: {human.size(sum(layers))}",
        ),
        Phrase("shared by containers, read-only", "공유, 읽기 전용"),
        Phrase(
            f"+ its own to write: {_count(changes, 'change')}",
            f"+ 자신의 쓰기 레이어: 변경 {len(changes)}개",
        ),
    ]
    return Phrase("2 the snapshot's files", "2 스냅샷의 파일"), shown, True


def _count(things: Sequence[Any], name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def _command(inspected: Mapping[str, Any], start: str) -> _Step:
    state = inspected["State"]
    command = join([inspected["Path"], *inspected["Args"]])
    if state["Status"] == "created":
        now = Phrase("not started yet: docker start", "아직 시작 전: docker start")
    elif state["Running"]:
        now = Phrase(f"runs as process {state['Pid']}", f"프로세스 {state['Pid']}번으로 실행 중")
    else:
        now = Phrase(
            f"ended with code {state['ExitCode']}", f"끝남 (종료 코드 {state['ExitCode']})"
        )
    heading = Phrase("3 the start command runs", "3 시작 명령 실행")
    lines = [Phrase(command, command), now]
    if command != start:
        heading = Phrase("3 a command runs", "3 명령 실행")
        lines.insert(1, Phrase(f"in place of: {start}", f"대신한 시작 명령: {start}"))
    return heading, lines, state["Status"] != "created"


_Shown = Sequence[tuple[str, Sequence[str], bool]]


def _draw(image: Sequence[str], steps: _Shown) -> str:
    parts = [
        box(130, 30, 500, 66, heading=image[0], colour=BLUE),
        box(140, 56, 185, 30, image[1:2], colour=GREEN),
        box(335, 56, 285, 30, image[2:3], colour=ORANGE),
        arrow(287, 86, 287, 136),
        arrow(640, 71, 640, 136),
        f'<path d="M620 71H640" stroke="{ORANGE}" stroke-width="1.6"/>',
    ]
    for place, (heading, lines, done) in enumerate(steps):
        x = 254 * place
        colour = (BLUE, GREEN, ORANGE)[place]
        parts.append(box(x, 136, 236, 84, lines, heading=heading, colour=colour, dashed=not done))
        if place:
            parts.append(arrow(x - 18, 178, x, 178))
    return "".join(parts)


def _describe(image: Sequence[str], steps: _Shown) -> list[str]:
    descriptions = [f"{image[0]}: {image[1]}; {image[2]}"]
    return descriptions + [
        f"{heading}: {'; '.join(map(str.strip, lines))}" for heading, lines, _ in steps
    ]
