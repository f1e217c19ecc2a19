"""Section 02, Docker basics: images, containers, the engine."""

from __future__ import annotations

from collections.abc import Iterator

from docker_magics.course.exercise import Section
from docker_magics.course.lab import Lab
from docker_magics.course.language import Phrase

SECTION = Section("02", Phrase("Docker basics", "도커 기초"))


@SECTION.exercise(
    1,
    title=Phrase("Your first container", "나의 첫 컨테이너"),
    task=Phrase(
        "Run a container of `hello-world`, and let it be named `first`. It ends by itself; do not remove it.",
        "`hello-world` 이미지로 `first`라는 이름의 컨테이너를 실행해 보세요. 저절로 끝나니 지우지는 마세요.",
    ),
    hints=(
        Phrase(
            "`docker run` takes `--name NAME` before the image.",
            "`docker run`에서 `--name 이름`은 이미지 앞에 써요.",
        ),
        Phrase("`%docker run --name first hello-world`", "`%docker run --name first hello-world`"),
    ),
)
def _first(lab: Lab) -> Iterator[Phrase]:
    container = lab.container("first")
    if container is None:
        yield Phrase("there is no container named `first`", "`first`라는 컨테이너가 없어요")
    elif not container["Config"]["Image"].startswith("hello-world"):
        yield Phrase(
            "`first` was not made from `hello-world`",
            "`first`가 `hello-world`에서 만들어지지 않았어요",
        )
    elif "Hello from Docker!" not in lab.logs("first"):
        yield Phrase(
            "`first` did not say hello: was it started?", "`first`가 인사하지 않았어요. 시작했나요?"
        )
