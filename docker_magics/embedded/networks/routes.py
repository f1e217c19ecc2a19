"""The API's networks. source: Engine API, "Network"."""

from __future__ import annotations

from ..api.maps import sort_maps
from ..api.messages import Empty, Json, Request
from ..api.router import Route
from ..errors import BadParameter, Forbidden, NotFound
from ..ports import ContainerLookup
from . import view
from .attachment import Attachments
from .store import NetworkStore


class NetworkRoutes:
    """Answers requests about networks.

    Args:
        store: every network of the engine.
        attachments: connects and disconnects containers.
        containers: every container of the engine.
    """

    def __init__(
        self, store: NetworkStore, attachments: Attachments, containers: ContainerLookup
    ) -> None:
        self._store = store
        self._attachments = attachments
        self._containers = containers

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/networks", self.list_networks),
            Route("GET", "/networks/", self.list_networks),
            Route("POST", "/networks/create", self.create_network),
            Route("POST", "/networks/prune", self.prune_networks),
            Route("GET", "/networks/{id:.*}", self.inspect_network),
            Route("DELETE", "/networks/{id:.*}", self.delete_network),
            Route("POST", "/networks/{id:.*}/connect", self.connect_network),
            Route("POST", "/networks/{id:.*}/disconnect", self.disconnect_network),
        ]

    def list_networks(self, request: Request) -> Json:
        """NetworkList."""
        networks = self._store.find(request.filters())
        is_detailed = request.version < (1, 28)
        return Json(
            sort_maps(
                [
                    view.network_json(network, self._store.members(network) if is_detailed else ())
                    for network in networks
                ]
            )
        )

    def create_network(self, request: Request) -> Json:
        """NetworkCreate."""
        body = request.json("network.CreateRequest")
        if request.version < (1, 48):
            body.pop("EnableIPv4", None)
        network = self._store.create(body)
        return Json({"Id": network.id, "Warning": ""}, 201)

    def inspect_network(self, request: Request) -> Json:
        """NetworkInspect."""
        network = self._store.get(request.params["id"])
        scope = request.get("scope")
        if scope and scope != "local":
            raise NotFound(f"network {request.params['id']} not found")
        return Json(sort_maps(view.network_json(network, self._store.members(network))))

    def delete_network(self, request: Request) -> Empty:
        """NetworkDelete."""
        self._store.remove(self._store.get(request.params["id"]))
        return Empty()

    def connect_network(self, request: Request) -> Empty:
        """NetworkConnect."""
        body = request.json("network.ConnectOptions")
        container = self._containers.get(_container_name(body))
        network = self._store.get(request.params["id"])
        self._attachments.connect(network, container, body.get("EndpointConfig") or {})
        return Empty(200)

    def disconnect_network(self, request: Request) -> Empty:
        """NetworkDisconnect."""
        body = request.json("network.DisconnectOptions")
        name, is_forced = _container_name(body), bool(body.get("Force"))
        try:
            container = self._containers.get(name)
        except NotFound:
            if not is_forced:
                raise
            self._store.get(request.params["id"])
            raise NotFound(f"endpoint {name} not found") from None
        try:
            network = self._store.get(request.params["id"])
        except NotFound:
            if not is_forced:
                raise
            raise Forbidden(f"container {container.id} is not connected to the network {request.params['id']}") from None  # fmt: skip  # noqa: E501
        self._attachments.disconnect(network, container)
        return Empty(200)

    def prune_networks(self, request: Request) -> Json:
        """NetworkPrune."""
        return Json(self._store.prune(request.filters()))


def _container_name(body: dict[str, str]) -> str:
    name = body.get("Container")
    if not name:
        raise BadParameter("no container was named")
    return name
