"""The diagram of client, daemon and registry."""

from __future__ import annotations

import platform
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import BLUE, GREEN, ORANGE, Picture, arrow, box

#: The address of Docker Hub in SystemInfo: that of its legacy API.
_HUB = "https://index.docker.io/v1/"


def client_and_daemon(*, lang: str | None = None) -> Picture:
    """Draw the notebook, its engine, and the engine's registry.

    Args:
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    source: Engine API, SystemVersion, SystemInfo.
    """
    language, engine = chosen(lang), Lab().engine
    version, info = engine.get("/version"), engine.get("/info")
    boxes = [
        (Phrase("client", "클라이언트"), _client(engine.api_version), BLUE),
        (Phrase("daemon (the engine)", "데몬 (엔진)"), _daemon(version, info), GREEN),
        (Phrase("registry", "레지스트리"), _registry(info), ORANGE),
    ]
    content, descriptions = [], []
    for place, (heading, lines, colour) in enumerate(boxes):
        shown = [line[language] for line in lines]
        content.append(
            box(268 * place, 40, 224, 100, shown, heading=heading[language], colour=colour)
        )
        descriptions.append(f"{heading[language]}: {'; '.join(shown)}")
    content += [
        arrow(224, 78, 268, 78, "HTTP"),
        arrow(268, 112, 224, 112),
        arrow(492, 78, 536, 78, "pull"),
        arrow(536, 112, 492, 112),
    ]
    address = engine.address.host
    descriptions.insert(1, Phrase(f"they talk over {address}", f"통신 주소: {address}")[language])
    content.append(box(0, 152, 492, 30, [descriptions[1]]))
    title = Phrase("Client and daemon", "클라이언트와 데몬")
    return Picture(title[language], 190, "".join(content), descriptions)


def _client(api: str) -> list[Phrase]:
    here = f"{platform.system()} {platform.machine()}"
    return [
        Phrase("this notebook (docker_magics)", "이 노트북 (docker_magics)"),
        Phrase(f"on {here}", f"실행되는 곳: {here}"),
        Phrase(f"speaks API {api}", f"API {api}로 통신"),
        Phrase("sends requests, shows results", "요청을 보내고 결과를 표시"),
    ]


def _daemon(version: dict[str, Any], info: dict[str, Any]) -> list[Phrase]:
    containers, images = info["Containers"], info["Images"]
    system = f"{version['Os']}/{version['Arch']}"
    return [
        Phrase(f"engine {version['Version']}", f"엔진 {version['Version']}"),
        Phrase(f"on {system}", f"실행되는 곳: {system}"),
        Phrase(
            f"{containers} containers, {images} images",
            f"컨테이너 {containers}개, 이미지 {images}개",
        ),
        Phrase("does all of the work", "실제 일을 처리"),
    ]


def _registry(info: dict[str, Any]) -> list[Phrase]:
    address = info.get("IndexServerAddress") or _HUB
    address = "Docker Hub" if address == _HUB else address
    return [
        Phrase(address, address),
        Phrase("keeps images for everybody", "공용 이미지 저장소"),
        Phrase("asked only for what is not", "엔진의 캐시에 없는"),
        Phrase("in the engine's cache", "이미지만 여기서 받음"),
    ]
