"""The diagram of a container's ports: the way from the browser to the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import join
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import BLUE, GREEN, LINE, ORANGE, WIDTH, Picture, arrow, box

from .running import name_of, running

_LOOPBACK = {"127.0.0.1", "::1"}
_COLOURS = (BLUE, ORANGE, GREEN, GREEN)
_WIDTH, _STEP, _HEIGHT, _ROW = 166, 198, 62, 80
#: A stop on the way: its heading and its lines.
_Stop = tuple[str, Sequence[str]]


def ports(container: str, *, lang: str | None = None) -> Picture:
    """Draw the way from a browser through each published port to the container's process.

    Args:
        container: the name or ID of a running container.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the container is not running.

    source: Engine API, ContainerInspect.
    """
    language = chosen(lang)
    inspected = running(Lab(), container, language)
    name = name_of(inspected)
    bindings = inspected["NetworkSettings"].get("Ports") or {}
    ways = [
        list(_way(inspected, port, *published, language))
        for port, addresses in bindings.items()
        for published in _published(addresses)
    ]
    closed = [port for port, addresses in bindings.items() if not addresses]
    content = "".join(_drawn(way, 30 + _ROW * row) for row, way in enumerate(ways))
    described = [" -> ".join(f"{head}: {', '.join(lines)}" for head, lines in way) for way in ways]
    bottom = 30 + _ROW * len(ways)
    notes = [_closed(port)[language] for port in closed]
    if not bindings:
        note = Phrase(
            f"{name} publishes no port: nothing leads into it from outside",
            f"{name}에 열린 포트가 없음: 밖에서 들어가는 길이 없음",
        )
        notes = [note[language]]
    content += "".join(
        box(0, bottom + 36 * row, WIDTH, 28, [note], colour=LINE, dashed=True)
        for row, note in enumerate(notes)
    )
    title = Phrase(f"The way to {name}", f"{name} 컨테이너로 가는 길")[language]
    return Picture(title, bottom + 36 * len(notes), content, [*described, *notes])


def _published(addresses: Sequence[Mapping[str, str]] | None) -> Iterator[tuple[str, list[str]]]:
    """Yield each port of the host with its addresses, as IPv4 and IPv6 are listed separately."""
    by_port: dict[str, list[str]] = {}
    for one in addresses or []:
        by_port.setdefault(one["HostPort"], []).append(one.get("HostIp") or "0.0.0.0")  # noqa: S104 - shown
    yield from sorted(by_port.items())


def _way(
    inspected: dict[str, Any], port: str, host_port: str, addresses: Sequence[str], language: str
) -> Iterator[_Stop]:
    state = inspected["State"]
    is_local = set(addresses) <= _LOOPBACK
    reach = (
        Phrase("this machine only", "이 컴퓨터에서만 열림")
        if is_local
        else Phrase("the whole network", "네트워크 전체에 열림")
    )
    address = next(iter(_addresses(inspected)), "")
    yield Phrase("browser", "브라우저")[language], [f"localhost:{host_port}"]
    yield Phrase("host", "호스트")[language], [f"{addresses[0]}:{host_port}", reach[language]]
    yield (
        Phrase(f"container {name_of(inspected)}", f"컨테이너 {name_of(inspected)}")[language],
        [address or Phrase("the host's network", "호스트의 네트워크")[language], f"{port}"],
    )
    yield (
        Phrase(f"process {state['Pid']}", f"프로세스 {state['Pid']}")[language],
        [join([inspected["Path"], *inspected["Args"]])],
    )


def _addresses(inspected: Mapping[str, Any]) -> Iterator[str]:
    for network in (inspected["NetworkSettings"].get("Networks") or {}).values():
        if network.get("IPAddress"):
            yield network["IPAddress"]


def _closed(port: str) -> Phrase:
    return Phrase(
        f"{port}: noted by EXPOSE, not published; nothing leads there from outside",
        f"{port}: EXPOSE로 적어 두었을 뿐 열리지 않아, 밖에서 들어가는 길이 없음",
    )


def _drawn(way: Sequence[_Stop], y: int) -> str:
    parts = []
    for place, (heading, lines) in enumerate(way):
        x = _STEP * place
        parts.append(box(x, y, _WIDTH, _HEIGHT, lines, heading=heading, colour=_COLOURS[place]))
        if place:
            parts.append(arrow(x - _STEP + _WIDTH, y + _HEIGHT / 2, x, y + _HEIGHT / 2))
    return "".join(parts)
