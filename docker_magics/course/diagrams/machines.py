"""The diagram that compares a virtual machine with a container."""

from __future__ import annotations

import statistics
import time

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.engine.client import path
from docker_magics.phrase import Phrase
from docker_magics.results import human
from docker_magics.results.drawing import BLUE, GREEN, LINE, ORANGE, Picture, box, text

_TIMES = 3
_HERE = Phrase("This engine says", "엔진 메시지")


def machine_and_container(image: str = "busybox", *, lang: str | None = None) -> Picture:
    """Draw what each starts, isolates and costs; the container's start time is measured.

    Args:
        image: the image to start three times with the command `true`.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.
    """
    language, lab = chosen(lang), Lab()
    kernel = lab.engine.get("/info")["KernelVersion"]
    size = lab.engine.get(path("images", image, "json"))["Size"]
    seconds = statistics.median(_started(lab, image) for _ in range(_TIMES))
    stacks = _virtual(), _container(kernel, seconds, size)
    content = "".join(_stack(390 * place, stack, language) for place, stack in enumerate(stacks))
    notes = [f"{_HERE[language]}: {stack}" for stack in lab.warnings()]
    content += "".join(text(0, 340 + 17 * place, note) for place, note in enumerate(notes))
    descriptions = [line for stack in stacks for line in _describe(stack, language)]
    title = Phrase("Virtual machine and container", "가상 머신과 컨테이너")[language]
    return Picture(title, 326 + 17 * len(notes), content, [*descriptions, *notes])


def _started(lab: Lab, image: str) -> float:
    """Return the seconds that `docker run` takes for a program that does nothing."""
    before = time.perf_counter()
    lab.docker("run --rm {image} true", image=image)
    return time.perf_counter() - before


#: Heading, layers of each of the two guests, layers below them from the top, notes.
_Stack = tuple[Phrase, list[Phrase], list[tuple[Phrase, str]], list[Phrase]]


def _virtual() -> _Stack:
    guest = [
        Phrase("program", "프로그램"),
        Phrase("its libraries", "라이브러리"),
        Phrase("guest OS, own kernel", "게스트 OS(자체 커널)"),
    ]
    below = [
        (Phrase("hypervisor: virtual hardware", "하이퍼바이저: 가상 하드웨어"), ORANGE),
        (Phrase("host hardware", "호스트 하드웨어"), LINE),
    ]
    notes = [
        Phrase("starts: boots an OS (seconds to minutes;", "시작: 운영체제 부팅 (몇 초에서 몇 분;"),
        Phrase("not measured here)", "여기서 잰 값은 아님)"),
        Phrase("isolation: virtual hardware", "격리: 가상 하드웨어로"),
        Phrase(
            "costs: memory and disk of an OS each", "비용: 저마다 운영체제 한 벌의 메모리와 디스크"
        ),
    ]
    return Phrase("Virtual machines", "가상 머신"), guest, below, notes


def _container(kernel: str, seconds: float, size: int) -> _Stack:
    guest = [Phrase("program", "프로그램"), Phrase("its libraries", "라이브러리")]
    below = [
        (
            Phrase(
                f"the host's kernel, shared: Linux {kernel}",
                f"공유하는 호스트 커널: Linux {kernel}",
            ),
            GREEN,
        ),
        (Phrase("hardware, or a virtual machine", "하드웨어, 또는 가상 머신"), LINE),
    ]
    notes = [
        Phrase(
            f"starts: one process ({seconds:.2f} s, measured now:",
            f"시작: 프로세스 하나 ({seconds:.2f}초, 방금 측정:",
        ),
        Phrase("created, started, ended, removed)", "생성, 시작, 종료, 삭제까지)"),
        Phrase(
            "isolation: the kernel's namespaces and cgroups",
            "격리: 커널의 네임스페이스와 cgroup으로",
        ),
        Phrase(
            f"costs: its process; {human.size(size)} of files",
            f"비용: 프로세스 하나, 파일 {human.size(size)}",
        ),
    ]
    return Phrase("Containers", "컨테이너"), guest, below, notes


def _stack(x: float, stack: _Stack, language: str) -> str:
    heading, guest, below, notes = stack
    parts = []
    top = 52 + 30 * (3 - len(guest))
    for place in range(2):
        left = x + 188 * place
        height = 30 * len(guest) + 4
        parts.append(box(left, top - 4, 178, height, colour=BLUE, dashed=len(guest) == 2))
        parts += [
            box(left + 5, top + 30 * row, 168, 26, [line[language]], colour=BLUE)
            for row, line in enumerate(guest)
        ]
    for row, (line, colour) in enumerate(below):
        parts.append(box(x, 152 + 34 * row, 366, 28, [line[language]], colour=colour))
    parts.append(
        box(x, 222, 366, 100, [line[language] for line in notes], heading=heading[language])
    )
    return "".join(parts)


def _describe(stack: _Stack, language: str) -> list[str]:
    heading, guest, below, notes = stack
    layers = [line[language] for line in guest] + [line[language] for line, _ in below]
    text = " ".join(line[language] for line in notes)
    return [f"{heading[language]}: {' / '.join(layers)}", f"  {text}"]
