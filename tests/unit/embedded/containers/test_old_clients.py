"""Requests of clients that speak an older API."""

from __future__ import annotations

import copy
import io
from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded.containers import old_clients
from docker_magics.embedded.errors import BadParameter

BODY = {
    "NetworkingConfig": {"EndpointsConfig": {"net": {"GwPriority": 1}, "other": None}},
    "Healthcheck": {"StartInterval": 1, "Interval": 2},
    "HostConfig": {
        "AutoRemove": True,
        "ConsoleSize": [1, 2],
        "Annotations": {"a": "b"},
        "Mounts": [
            {"Type": "bind", "BindOptions": {"CreateMountpoint": True, "Propagation": "shared"}},
            {"Type": "bind", "BindOptions": None},
        ],
    },
}


def adapted(version: tuple[int, int]) -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    old_clients.adapt_creation(body, version)
    return body


def test_a_current_client_s_request_stays_as_it_is() -> None:
    assert adapted((1, 51)) == BODY


@pytest.mark.parametrize(
    ("version", "since", "path"),
    [
        ((1, 24), (1, 25), ("HostConfig", "AutoRemove")),
        ((1, 41), (1, 42), ("HostConfig", "ConsoleSize")),
        ((1, 41), (1, 42), ("HostConfig", "Mounts", 0, "BindOptions", "CreateMountpoint")),
        ((1, 42), (1, 43), ("HostConfig", "Annotations")),
        ((1, 43), (1, 44), ("Healthcheck", "StartInterval")),
        ((1, 47), (1, 48), ("NetworkingConfig", "EndpointsConfig", "net", "GwPriority")),
    ],
)
def test_fields_that_a_version_lacks_are_dropped(
    version: tuple[int, int], since: tuple[int, int], path: tuple[Any, ...]
) -> None:
    *folders, field = path
    for each_version, is_kept in ((version, False), (since, True)):
        value: Any = adapted(each_version)
        for name in folders:
            value = value[name]
        assert (field in value) is is_kept


def test_ipc_was_shareable_by_default() -> None:
    assert adapted((1, 39))["HostConfig"]["IpcMode"] == "shareable"
    assert "IpcMode" not in adapted((1, 40))["HostConfig"]
    body: dict[str, Any] = {"HostConfig": {"IpcMode": "host"}}
    old_clients.adapt_creation(body, (1, 22))
    assert body == {"HostConfig": {"IpcMode": "host"}}


@pytest.mark.parametrize("body", [{}, {"HostConfig": None}, {"HostConfig": {"Mounts": None}}])
def test_a_request_without_options(body: dict[str, Any]) -> None:
    old_clients.adapt_creation(body, (1, 22))
    assert (body.get("HostConfig") or {}).get("IpcMode") in {None, "shareable"}


def test_an_update_of_the_number_of_processes() -> None:
    for version, expected in (((1, 39), {}), ((1, 40), {"PidsLimit": 7})):
        body = {"PidsLimit": 7}
        old_clients.adapt_update(body, version)
        assert body == expected


def test_a_start_takes_no_options() -> None:
    for data in (b"", b"{}", b"null"):
        old_clients.refuse_start_options(SimpleNamespace(body=io.BytesIO(data)))  # type: ignore[arg-type]
    body = io.BytesIO(b'{"Binds": ["/:/host"]}')
    with pytest.raises(BadParameter, match=r"removed in v1\.24$"):
        old_clients.refuse_start_options(SimpleNamespace(body=body))  # type: ignore[arg-type]
