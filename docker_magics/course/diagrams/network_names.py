"""The diagram of networks: which containers are in each, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.course.lab import Lab
from docker_magics.course.language import chosen
from docker_magics.engine.client import path
from docker_magics.phrase import Phrase
from docker_magics.results.drawing import BLUE, GREEN, ORANGE, WIDTH, Picture, box

_PER_ROW, _GAP, _HEIGHT = 3, 10, 62
_BOX = (WIDTH - 20 - _GAP * (_PER_ROW - 1)) // _PER_ROW
#: The height of a network's box without its containers.
_HEAD = 50
_DEFAULT = {"bridge", "podman"}
_DNS = Phrase(
    "the engine's DNS knows each container by its names",
    "엔진의 DNS가 각 컨테이너를 이름으로 찾아 줌",
)
_NO_DNS = Phrase(
    "the default network: addresses only, no names", "기본 네트워크: 주소만 있고 이름은 없음"
)
_NOBODY = Phrase("no container runs in it", "실행 중인 컨테이너가 없음")


@dataclass(frozen=True)
class _Member:
    """A running container of a network: its heading and the names and address it has there."""

    name: str
    lines: Sequence[str]


def networks(*names: str, lang: str | None = None) -> Picture:
    """Draw networks with their running containers, and the names that each has there.

    Args:
        *names: the networks' names or IDs.
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        NotFound: a network does not exist.

    source: Engine API, NetworkInspect, ContainerList, ContainerInspect.
    """
    language, lab = chosen(lang), Lab()
    y, parts, described = 30, [], []
    for name in names:
        network = lab.engine.get(path("networks", name))
        members = sorted(_members(lab, network, language), key=lambda one: one.name)
        height = _height(len(members))
        lines = [_note(network, members)[language]]
        heading = _heading(network)[language]
        parts.append(box(0, y, WIDTH, height, lines, heading=heading, colour=_colour(network)))
        parts += _drawn(members, y + 48)
        described.append(f"{heading}: {lines[0]}")
        described += [f"  {one.name}: {', '.join(one.lines)}" for one in members]
        y += height + 12
    title = Phrase("Networks, and who finds whom", "네트워크와 서로 찾을 수 있는 컨테이너")
    return Picture(title[language], y - 8, "".join(parts), described)


def _members(lab: Lab, network: Mapping[str, Any], language: str) -> Iterator[_Member]:
    for listed in lab.engine.get("/containers/json", {"filters": {"network": [network["Name"]]}}):
        inspected = lab.engine.get(path("containers", listed["Id"], "json"))
        end = (inspected["NetworkSettings"].get("Networks") or {}).get(network["Name"], {})
        name = inspected["Name"].removeprefix("/")
        lines = [end.get("IPAddress") or Phrase("no address", "주소 없음")[language]]
        if not _is_default(network):
            known = ", ".join(_names(name, inspected["Id"], end))
            lines.append(Phrase(f"found as: {known}", f"이름: {known}")[language])
        yield _Member(name, lines)


def _names(name: str, identity: str, end: Mapping[str, Any]) -> list[str]:
    """Return the DNS names of a container in a network, without its ID."""
    names = dict.fromkeys([name, *(end.get("DNSNames") or []), *(end.get("Aliases") or [])])
    return [one for one in names if not identity.startswith(one)]


def _note(network: Mapping[str, Any], members: Sequence[_Member]) -> Phrase:
    if not members:
        return _NOBODY
    return _NO_DNS if _is_default(network) else _DNS


def _heading(network: Mapping[str, Any]) -> Phrase:
    configs = (network.get("IPAM") or {}).get("Config") or []
    subnets = ", ".join(config["Subnet"] for config in configs if config.get("Subnet"))
    name = f"{network['Name']} {subnets}".strip()
    return Phrase(f"network {name}", f"네트워크 {name}")


def _is_default(network: Mapping[str, Any]) -> bool:
    return network["Name"] in _DEFAULT


def _colour(network: Mapping[str, Any]) -> str:
    return ORANGE if _is_default(network) else BLUE


def _height(count: int) -> int:
    rows = -(-count // _PER_ROW)
    return _HEAD + rows * (_HEIGHT + _GAP) + (0 if rows else 4)


def _drawn(members: Sequence[_Member], top: int) -> Iterator[str]:
    for place, member in enumerate(members):
        row, column = divmod(place, _PER_ROW)
        x, y = 10 + column * (_BOX + _GAP), top + row * (_HEIGHT + _GAP)
        yield box(x, y, _BOX, _HEIGHT, member.lines, heading=member.name, colour=GREEN)
