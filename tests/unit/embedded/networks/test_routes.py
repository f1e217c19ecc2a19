"""The API's requests about networks."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, container
from unit.embedded.networks.fakes import store

from docker_magics.embedded.api.messages import Empty, Json, Request, Response
from docker_magics.embedded.api.router import Router
from docker_magics.embedded.errors import ApiError, BadParameter, Forbidden, NotFound
from docker_magics.embedded.networks.attachment import Attachments
from docker_magics.embedded.networks.routes import NetworkRoutes


class Client:
    """Sends requests to the routes of networks, for two containers: web and stopped."""

    def __init__(self, folder: Path) -> None:
        self.web = container(folder, "web", pid=7)
        containers = FakeContainers(self.web, container(folder, "stopped"))
        self.store, self.events = store(folder, containers)
        attachments = Attachments(self.store, containers, None)
        self._router = Router([NetworkRoutes(self.store, attachments, containers).table()])

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Response:
        """Return the answer; filters are a dict of lists."""
        values = {name: [v if isinstance(v, str) else json.dumps(v)] for name, v in query.items()}
        data = b"" if body is None else json.dumps(body).encode()
        stream: Any = io.BytesIO(data)
        headers = {"content-type": "application/json"}
        peer: Any = None
        return self._router.answer(Request(method, path, values, headers, stream, peer))


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of networks."""
    return Client(tmp_path)


def value(response: Response) -> Any:
    """Return the JSON of an answer."""
    assert isinstance(response, Json)
    return response.value


def test_a_network_is_created_listed_inspected_and_deleted(client: Client) -> None:
    created = client("POST", "/networks/create", {"Name": "net", "Labels": {"b": "2", "a": "1"}})
    assert isinstance(created, Json)
    assert (created.status, created.value["Warning"]) == (201, "")
    listed = value(client("GET", "/networks", filters={"type": ["custom"]}))
    assert [network["Name"] for network in listed] == ["net"]
    assert list(listed[0]["Labels"]) == ["a", "b"]
    assert client("GET", "/networks/").value == value(client("GET", "/networks"))  # type: ignore[union-attr]
    shown = value(client("GET", "/networks/net", scope="local"))
    assert (shown["Id"], shown["Containers"]) == (created.value["Id"], {})
    with pytest.raises(NotFound, match="network net not found"):
        client("GET", "/networks/net", scope="swarm")
    assert client("DELETE", "/networks/net").status == 204  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        client("GET", "/networks/net")


def test_a_network_without_ipv4(client: Client) -> None:
    body = {"Name": "v6", "EnableIPv4": False, "EnableIPv6": True}
    body["IPAM"] = {"Config": [{"Subnet": "fd09::/64"}]}
    client("POST", "/networks/create", body)
    shown = value(client("GET", "/networks/v6"))
    assert (shown["EnableIPv4"], shown["EnableIPv6"]) == (False, True)
    assert [config["Subnet"] for config in shown["IPAM"]["Config"]] == ["fd09::/64"]
    with pytest.raises(BadParameter, match="IPv4 or IPv6 must be enabled"):
        client("POST", "/networks/create", {"Name": "none4", "EnableIPv4": False})
    client("POST", "/v1.47/networks/create", {"Name": "old", "EnableIPv4": False})
    assert value(client("GET", "/networks/old"))["EnableIPv4"]


def test_a_container_is_connected_and_disconnected(client: Client) -> None:
    client("POST", "/networks/create", {"Name": "net"})
    body = {"Container": "web", "EndpointConfig": {"Aliases": ["shop"]}}
    assert client("POST", "/networks/net/connect", body) == Empty(200)
    shown = value(client("GET", "/networks/net"))
    assert shown["Containers"][client.web.id]["IPv4Address"] == "127.0.0.1/8"
    assert client.web.networks["net"]["Aliases"] == ["shop", client.web.id[:12]]
    with pytest.raises(Forbidden, match="has active endpoints"):
        client("DELETE", "/networks/net")
    assert value(client("POST", "/networks/prune")) == {"NetworksDeleted": None}
    assert client("POST", "/networks/net/disconnect", {"Container": "web"}) == Empty(200)
    assert value(client("POST", "/networks/prune")) == {"NetworksDeleted": ["net"]}


@pytest.mark.parametrize(
    ("path", "body", "kind", "message"),
    [
        ("bridge/connect", {}, BadParameter, "no container was named"),
        ("bridge/connect", {"Container": "no"}, NotFound, "No such container: no"),
        ("no/connect", {"Container": "web"}, NotFound, "network no not found"),
        ("bridge/disconnect", {"Container": "no"}, NotFound, "No such container: no"),
        ("bridge/disconnect", {"Container": "no", "Force": True}, NotFound, "endpoint no not"),
        ("no/disconnect", {"Container": "no", "Force": True}, NotFound, "network no not found"),
        ("no/disconnect", {"Container": "web"}, NotFound, "network no not found"),
        ("no/disconnect", {"Container": "web", "Force": True}, Forbidden, "is not connected to"),
        ("bridge/disconnect", {"Container": "web"}, Forbidden, "is not connected to"),
        ("bridge/connect", {"Container": "web", "EndpointConfig": "x"}, BadParameter, "unmarshal"),
        (
            "bridge/connect",
            {"Container": "web", "EndpointConfig": {"IPAMConfig": {"IPv4Address": 1}}},
            BadParameter,
            "number into Go struct field EndpointIPAMConfig.EndpointConfig.IPAMConfig.IPv4Address",
        ),
        ("create", {"Name": "x", "ConfigFrom": "y"}, BadParameter, "cannot unmarshal string"),
        ("create", {"Name": "x", "IPAM": {"Config": [1]}}, BadParameter, "cannot unmarshal"),
        ("create", [], BadParameter, "cannot unmarshal array"),
        ("prune?", None, NotFound, "page not found"),
    ],
)
def test_rejected_requests(
    client: Client, path: str, body: Any, kind: type[ApiError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        client("POST", f"/networks/{path}", body)
