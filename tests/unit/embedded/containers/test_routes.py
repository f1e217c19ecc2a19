"""The table of all requests about containers and execs."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

from docker_magics.embedded.containers.routes import ContainerParts, container_routes

#: source: Engine API, "Container", "Exec", ImageCommit.
OPERATIONS = {
    "GET /containers/json",
    "POST /containers/create",
    "POST /containers/prune",
    "DELETE /containers/{name:.*}",
    *(
        f"GET /containers/{{name}}/{word}"
        for word in ("json", "top", "logs", "changes", "export", "stats", "attach/ws", "archive")
    ),
    "HEAD /containers/{name}/archive",
    "PUT /containers/{name}/archive",
    *(
        f"POST /containers/{{name}}/{word}"
        for word in (
            *("resize", "start", "stop", "restart", "kill", "update", "rename", "pause"),
            *("unpause", "attach", "wait", "exec"),
        )
    ),
    "POST /exec/{id}/start",
    "POST /exec/{id}/resize",
    "GET /exec/{id}/json",
    "POST /commit",
}


def test_each_operation_has_one_route() -> None:
    names = [field.name for field in dataclasses.fields(ContainerParts)]
    driver = SimpleNamespace(always_allowed=frozenset())
    parts: Any = {name: SimpleNamespace(driver=driver) for name in names}
    routes = [f"{route.method} {route.path}" for route in container_routes(ContainerParts(**parts))]
    assert sorted(routes) == sorted(OPERATIONS)
