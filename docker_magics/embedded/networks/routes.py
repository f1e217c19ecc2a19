"""The API's networks. source: Engine API, "Network"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api.maps import in_order
from ..api.messages import Empty, Json, Request
from ..api.router import EngineRoute
from ..errors import BadParameter, Forbidden, NotFound

if TYPE_CHECKING:
    from ..engine import Engine


def ls(engine: Engine, request: Request) -> Json:
    """NetworkList."""
    networks = engine.networks
    return Json(in_order([networks.as_json(each) for each in networks.find(request.filters())]))


def create(engine: Engine, request: Request) -> Json:
    """NetworkCreate."""
    network = engine.networks.create(request.json())
    return Json({"Id": network.id, "Warning": ""}, 201)


def inspect(engine: Engine, request: Request) -> Json:
    """NetworkInspect."""
    network = engine.networks.get(request.params["id"])
    scope = request.get("scope")
    if scope and scope != "local":
        raise NotFound(f"network {request.params['id']} not found")
    return Json(in_order(engine.networks.as_json(network, verbose=True)))


def remove(engine: Engine, request: Request) -> Empty:
    """NetworkDelete."""
    engine.networks.remove(engine.networks.get(request.params["id"]))
    return Empty()


def connect(engine: Engine, request: Request) -> Empty:
    """NetworkConnect."""
    body = request.json()
    container = engine.containers.get(_name(body.get("Container")))
    network = engine.networks.get(request.params["id"])
    engine.networks.connect(network, container, body.get("EndpointConfig") or {})
    return Empty(200)


def disconnect(engine: Engine, request: Request) -> Empty:
    """NetworkDisconnect."""
    body = request.json()
    name, network = _name(body.get("Container")), request.params["id"]
    try:
        container = engine.containers.get(name)
    except NotFound:
        if not body.get("Force"):
            raise
        engine.networks.get(network)
        raise NotFound(f"endpoint {name} not found") from None
    try:
        engine.networks.disconnect(engine.networks.get(network), container)
    except NotFound:
        if not body.get("Force"):
            raise
        raise Forbidden(f"container {container.id} is not connected to the network {network}") from None  # fmt: skip  # noqa: E501
    return Empty(200)


def _name(text: str | None) -> str:
    if not text:
        raise BadParameter("no container was named")
    return text


def prune(engine: Engine, request: Request) -> Json:
    """NetworkPrune."""
    return Json(engine.networks.prune(request.filters()))


ROUTES = [
    EngineRoute("GET", "/networks", ls),
    EngineRoute("GET", "/networks/", ls),
    EngineRoute("POST", "/networks/create", create),
    EngineRoute("POST", "/networks/prune", prune),
    EngineRoute("GET", "/networks/{id:.*}", inspect),
    EngineRoute("DELETE", "/networks/{id:.*}", remove),
    EngineRoute("POST", "/networks/{id}/connect", connect),
    EngineRoute("POST", "/networks/{id}/disconnect", disconnect),
]
