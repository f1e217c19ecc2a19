"""The picture of a Compose project."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from unit.compose.conftest import MakeCall

from docker_magics.compose.diagram import diagram, draw
from docker_magics.results.drawing import GREEN, ORANGE

_MODEL: dict[str, Any] = {
    "name": "shop",
    "services": {
        "web": {
            "build": {"context": "."},
            "ports": [{"target": 80, "published": "8080", "protocol": "tcp"}, {"target": 53}],
            "depends_on": {"db": {"condition": "service_healthy"}},
            "networks": {"default": None},
        },
        "db": {
            "image": "redis:7",
            "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
            "networks": {"default": None},
        },
    },
    "networks": {"default": {"name": "shop_default"}},
    "volumes": {"data": {"name": "shop_data"}},
}
_CONTAINERS = [
    {"Service": "db", "State": "running", "Health": "unhealthy"},
    {"Service": "web", "State": "running", "Health": ""},
    {"Service": "web", "State": "running", "Health": ""},
]


def test_it_shows_state_dependencies_networks_ports_and_volumes() -> None:
    picture = draw(_MODEL, _CONTAINERS)
    web, *others = picture.lines
    assert web == (
        "web: running; 2 containers; built from its folder; port 8080→80; port 53;"
        " networks default; after db is healthy"
    )
    assert others == [
        "db: running, unhealthy; redis:7; volume data → /data; networks default",
        "network default: web, db",
        "volume data: db: /data",
    ]
    page = picture._repr_html_()
    ET.fromstring(page)  # well-formed  # noqa: S314 - ours
    assert (GREEN in page, ORANGE in page) == (True, True)


def test_services_that_are_not_created_and_circles() -> None:
    services = {
        "a": {"image": "<b>", "depends_on": {"b": {}, "gone": {}}},
        "b": {"image": "b", "depends_on": {"a": {}}},
    }
    picture = draw({"services": services}, [])
    assert picture.lines[0] == "a: not created; <b>; after b is started; after gone is started"
    assert "<b>" not in picture._repr_html_()
    assert draw({}, []).lines == []


def test_compose_is_asked_for_the_file_and_the_containers(make_call: MakeCall) -> None:
    answers = {"config": json.dumps(_MODEL), "ps": "\n".join(map(json.dumps, _CONTAINERS))}
    call = make_call(f"print({answers!r}[sys.argv[1]])", "diagram")
    assert diagram(call).lines == draw(_MODEL, _CONTAINERS).lines
