"""A picture of a Compose project: services with their state, dependencies, networks, volumes.

source: docker/compose, `config --format json` and `ps --format json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.results.drawing import (
    GREEN,
    LINE,
    MUTED,
    ORANGE,
    RED,
    WIDTH,
    Picture,
    box,
    text,
)

from .call import Call, read_model
from .tables import objects

_TOP, _GAP = 34, 18
_MARGIN = 60  # between columns, for the arrows
_LINE = 16
_SMALL_BOX = 182
_STATES = {"running": GREEN, "exited": RED, "dead": RED}
_CONDITIONS = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}


@dataclass(frozen=True)
class Service:
    """A service of the file, and its containers.

    Attributes:
        name: its name.
        lines: its image, ports, networks and volumes, and its state first.
        needs: a service that starts before it -> the condition: started, healthy, completed.
        colour: of its state.
    """

    name: str
    lines: Sequence[str]
    needs: Mapping[str, str]
    colour: str


def diagram(call: Call) -> Picture:
    """Return the picture of a call's project.

    Raises:
        ComposeFailed: the file is invalid.
    """
    model = read_model(call.with_args("config", "--format", "json").output())
    containers = objects(call.with_args("ps", "--all", "--format", "json").output())
    return draw(model, containers)


def draw(model: Mapping[str, Any], containers: Sequence[Mapping[str, Any]]) -> Picture:
    """Return the picture of a normalized Compose file and its containers.

    Args:
        model: what `config --format json` prints.
        containers: what `ps --format json` prints.
    """
    services = [
        _service(name, settings, [one for one in containers if one["Service"] == name])
        for name, settings in model.get("services", {}).items()
    ]
    columns = _columns(services)
    places, height = _places(columns)
    shared = list(_shared(model))
    content = [_boxes(services, places), _arrows(services, places), *_small(shared, height)]
    rows = -(-len(shared) // _per_row())
    described = [*map(_description, services), *(f"{head}: {line}" for head, line in shared)]
    title = f"Project {model.get('name', '')}"
    return Picture(title, height + rows * 62, "".join(content), described)


def _service(
    name: str, settings: Mapping[str, Any], containers: Sequence[Mapping[str, Any]]
) -> Service:
    states = sorted({_state(container) for container in containers}) or ["not created"]
    first = containers[0]["State"] if containers else ""
    is_ill = any(container.get("Health") == "unhealthy" for container in containers)
    ports = [_port(port) for port in settings.get("ports", [])]
    volumes = [
        f"{volume.get('source', 'anonymous')} → {volume['target']}"
        for volume in settings.get("volumes", [])
    ]
    networks = list(settings.get("networks") or {})
    count = [f"{len(containers)} containers"] if len(containers) > 1 else []
    lines = [
        "; ".join([", ".join(states), *count]),
        settings.get("image") or "built from its folder",
        *(f"port {port}" for port in ports),
        *(f"volume {volume}" for volume in volumes),
        *([f"networks {', '.join(networks)}"] if networks else []),
    ]
    needs = {
        other: _CONDITIONS.get(how.get("condition", ""), "started")
        for other, how in (settings.get("depends_on") or {}).items()
    }
    return Service(name, lines, needs, ORANGE if is_ill else _STATES.get(first, LINE))


def _state(container: Mapping[str, Any]) -> str:
    health = container.get("Health")
    return f"{container['State']}, {health}" if health else str(container["State"])


def _port(port: Mapping[str, Any]) -> str:
    published = port.get("published")
    inside = f"{port['target']}" + ("" if port.get("protocol", "tcp") == "tcp" else "/udp")
    return f"{published}→{inside}" if published else inside


def _columns(services: Sequence[Service]) -> list[list[Service]]:
    """Return the services by columns: each is left of those that start before it."""
    by_name = {service.name: service for service in services}

    def depth(service: Service, above: frozenset[str]) -> int:
        others = [by_name[name] for name in service.needs if name in by_name.keys() - above]
        return max((depth(other, above | {other.name}) + 1 for other in others), default=0)

    depths = {service.name: depth(service, frozenset({service.name})) for service in services}
    return [
        [service for service in services if depths[service.name] == column]
        for column in range(max(depths.values(), default=0), -1, -1)
    ]


def _places(
    columns: Sequence[Sequence[Service]],
) -> tuple[dict[str, tuple[float, float, float, float]], int]:
    """Return x, y, width and height of each service's box, and the height of all."""
    count = max(len(columns), 1)
    width = min(260.0, (WIDTH - _MARGIN * (count - 1)) / count)
    places: dict[str, tuple[float, float, float, float]] = {}
    lowest = _TOP
    for number, column in enumerate(columns):
        y = _TOP
        for service in column:
            height = 34 + _LINE * len(service.lines)
            places[service.name] = (number * (width + _MARGIN), y, width, height)
            y += height + _GAP
        lowest = max(lowest, y)
    return places, lowest


def _boxes(
    services: Sequence[Service], places: Mapping[str, tuple[float, float, float, float]]
) -> str:
    return "".join(
        box(*places[service.name], service.lines, heading=service.name, colour=service.colour)
        for service in services
    )


def _arrows(
    services: Sequence[Service], places: Mapping[str, tuple[float, float, float, float]]
) -> str:
    return "".join(
        _arrow(places[service.name], places[other], condition)
        for service in services
        for other, condition in service.needs.items()
        if other in places
    )


def _arrow(
    start: tuple[float, float, float, float],
    end: tuple[float, float, float, float],
    condition: str,
) -> str:
    """Return a curve from the right side of a box to the left side of another one."""
    x1, y1 = start[0] + start[2], start[1] + 16
    x2, y2 = end[0], end[1] + 16
    middle = (x1 + x2) / 2
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} '
        f'{x2 - 6:.0f} {y2:.0f}" fill="none" stroke="{MUTED}" stroke-width="1.4"/>'
        f'<path d="M{x2:.0f} {y2:.0f}l-7 -4v8z" fill="{MUTED}"/>'
        + text(x2 - 6, y2 - 7, condition, anchor="end", fill=MUTED)
    )


def _shared(model: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each network and named volume, with the services that use it."""
    services: Mapping[str, Any] = model.get("services", {})
    for name in model.get("networks", {}):
        users = [one for one, its in services.items() if name in (its.get("networks") or {})]
        yield f"network {name}", ", ".join(users)
    for name in model.get("volumes", {}):
        users = [
            f"{one}: {volume['target']}"
            for one, its in services.items()
            for volume in its.get("volumes", [])
            if volume.get("source") == name
        ]
        yield f"volume {name}", ", ".join(users)


def _per_row() -> int:
    return int((WIDTH + 8) // (_SMALL_BOX + 8))


def _small(shared: Sequence[tuple[str, str]], top: int) -> Iterator[str]:
    for place, (heading, line) in enumerate(shared):
        row, column = divmod(place, _per_row())
        x, y = column * (_SMALL_BOX + 8), top + row * 62
        yield box(x, y, _SMALL_BOX, 50, [line], heading=heading, dashed=True)


def _description(service: Service) -> str:
    needs = [f"after {name} is {condition}" for name, condition in service.needs.items()]
    return f"{service.name}: {'; '.join([*service.lines, *needs])}"
