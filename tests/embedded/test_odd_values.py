"""No value of a request's body, of whatever type, is an internal error (500).

The fields are those of the engine's own tables, so that a new field is tested too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded.shared import connection, load_busybox, running

from docker_magics.embedded.api.go_structs import NAMED, STRUCTS

#: A few values of each JSON type.
VALUES: list[Any] = [
    "", "x", "a\0b", "٣", "x" * 5000, -1, 1 << 40, 1.5, True, [], ["x"], ["a\0b"], [None], [{}], {},
    {"x": "y"}, {"a\0b": None},
]  # fmt: skip
Wrap = Callable[[Any], Any]


def bodies(struct: str, wrap: Wrap = lambda value: value) -> Iterator[tuple[str, Any]]:
    """Yield a name and a body for each field of a struct, and of those in it, and each value."""
    for field, go_type in STRUCTS[struct].items():
        for value in VALUES:
            yield f"{struct}.{field}", wrap({field: value})
        inner = go_type.rpartition("]")[2].removeprefix("*")
        if inner in STRUCTS:
            yield from bodies(inner, _inside(field, go_type, wrap))


def _inside(field: str, go_type: str, wrap: Wrap) -> Wrap:
    """Return what makes a body of a value that is in a field of a struct."""
    if go_type.startswith("map"):
        return lambda value: wrap({field: {"bridge": value}})
    if NAMED.get(go_type, "").startswith("map"):
        return lambda value: wrap({field: {"80/tcp": [value]}})
    if go_type.startswith("["):
        return lambda value: wrap({field: [_complete(go_type, value)]})
    return lambda value: wrap({field: value})


def _complete(go_type: str, value: Any) -> Any:
    """Add what a mount needs to get as far as its other fields."""
    if go_type != "[]mount.Mount":
        return value
    kind = next((name for name in ("bind", "tmpfs") if f"{name.title()}Options" in value), "volume")
    return {"Type": kind, "Target": "/m", **({"Source": "/"} if kind == "bind" else {}), **value}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an engine with the running container `web` and the network `net`."""
    folder = tmp_path_factory.mktemp("engine")
    with running(folder):
        load_busybox(folder)
        created = {"Image": "busybox", "Cmd": ["sleep", "1d"]}
        send(folder, "POST", "/containers/create?name=web", created)
        send(folder, "POST", "/containers/web/start")
        network = {"Name": "net", "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}}
        send(folder, "POST", "/networks/create", network)
        yield folder


def send(folder: Path, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request; return the status and the JSON of the response."""
    with connection(folder) as api:
        headers = {} if body is None else {"Content-Type": "application/json"}
        api.request(method, path, None if body is None else json.dumps(body), headers)
        response = api.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data else None


#: Path -> the struct of its body, and what a body needs besides.
ENDPOINTS: dict[str, tuple[str, dict[str, Any]]] = {
    "/containers/create": ("container.CreateRequest", {"Image": "busybox", "Cmd": ["true"]}),
    "/containers/web/update": ("container.UpdateConfig", {}),
    "/containers/web/exec": ("container.ExecOptions", {"Cmd": ["true"]}),
    "/networks/create": ("network.CreateRequest", {"Name": "odd"}),
    "/networks/net/connect": ("network.ConnectOptions", {"Container": "web"}),
    "/networks/net/disconnect": ("network.DisconnectOptions", {"Container": "web"}),
    "/volumes/create": ("volume.CreateOptions", {"Name": "odd"}),
    "/commit?container=web": ("container.Config", {}),
}
#: What a request may leave behind, which makes the next ones fail before their value is read.
CLEANUP = {
    "/networks/create": ("DELETE", "/networks/odd", None),
    "/networks/net/connect": ("POST", "/networks/net/disconnect", {"Container": "web"}),
    "/volumes/create": ("DELETE", "/volumes/odd", None),
}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_no_value_is_an_internal_error(engine: Path, path: str) -> None:
    struct, needed = ENDPOINTS[path]
    failures = {}
    for name, body in bodies(struct):
        status, answer = send(engine, "POST", path, needed | body)
        if status == 500:
            failures[f"{name}: {body!r:.100}"] = answer
        if status == 201 and path == "/containers/create":
            created = f"/containers/{answer['Id']}"
            status, answer = send(engine, "POST", f"{created}/start")
            if status == 500:
                failures[f"start, {name}: {body!r:.100}"] = answer
            send(engine, "DELETE", f"{created}?force=1&v=1")
        if path in CLEANUP:
            send(engine, *CLEANUP[path])
    assert failures == {}
