"""The API's volumes. source: Engine API, "Volume"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api.maps import in_order
from ..api.messages import Empty, Json, Request
from ..api.router import Route
from ..errors import NO_SWARM, Unavailable

if TYPE_CHECKING:
    from ..engine import Engine


def ls(engine: Engine, request: Request) -> Json:
    """VolumeList."""
    found = [volume.as_json() for volume in engine.volumes.find(request.filters())]
    return Json({"Volumes": in_order(found), "Warnings": None})


def create(engine: Engine, request: Request) -> Json:
    """VolumeCreate."""
    body = request.json(required=False)
    if body.get("ClusterVolumeSpec"):
        raise Unavailable(NO_SWARM)
    volume = engine.volumes.create(
        body.get("Name") or "",
        driver=body.get("Driver") or "local",
        labels=body.get("Labels"),
        options=body.get("DriverOpts"),
    )
    return Json(in_order(volume.as_json()), 201)


def inspect(engine: Engine, request: Request) -> Json:
    """VolumeInspect."""
    return Json(in_order(engine.volumes.get(request.params["name"]).as_json()))


def remove(engine: Engine, request: Request) -> Empty:
    """VolumeDelete."""
    engine.volumes.remove(request.params["name"], force=request.flag("force"))
    return Empty()


def prune(engine: Engine, request: Request) -> Json:
    """VolumePrune."""
    return Json(engine.volumes.prune(request.filters(), every=request.version < (1, 42)))


ROUTES = [
    Route("GET", "/volumes", ls),
    Route("POST", "/volumes/create", create),
    Route("POST", "/volumes/prune", prune),
    Route("GET", "/volumes/{name:.*}", inspect),
    Route("DELETE", "/volumes/{name:.*}", remove),
]
