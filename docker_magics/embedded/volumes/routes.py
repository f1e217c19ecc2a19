"""The API's volumes. source: Engine API, "Volume"."""

from __future__ import annotations

from ..api.maps import sort_maps
from ..api.messages import Empty, Json, Request
from ..api.router import Route
from ..errors import NO_SWARM, Unavailable
from .service import Volumes


class VolumeRoutes:
    """Answers requests about volumes.

    Args:
        volumes: the engine's.
    """

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/volumes", self.list_volumes),
            Route("POST", "/volumes/create", self.create_volume),
            Route("POST", "/volumes/prune", self.prune_volumes),
            Route("GET", "/volumes/{name:.*}", self.inspect_volume),
            Route("PUT", "/volumes/{name:.*}", self.update_volume),
            Route("DELETE", "/volumes/{name:.*}", self.delete_volume),
        ]

    def list_volumes(self, request: Request) -> Json:
        """VolumeList."""
        volumes = [volume.as_json() for volume in self._volumes.find(request.filters())]
        return Json({"Volumes": sort_maps(volumes), "Warnings": None})

    def create_volume(self, request: Request) -> Json:
        """VolumeCreate."""
        body = request.json("volume.CreateOptions", required=False)
        if body.get("ClusterVolumeSpec"):
            raise Unavailable(NO_SWARM)
        volume = self._volumes.create(
            body.get("Name") or "",
            driver=body.get("Driver") or "local",
            labels=body.get("Labels"),
            options=body.get("DriverOpts"),
        )
        return Json(sort_maps(volume.as_json()), 201)

    def inspect_volume(self, request: Request) -> Json:
        """VolumeInspect."""
        return Json(sort_maps(self._volumes.get(request.params["name"]).as_json()))

    def update_volume(self, _request: Request) -> Empty:
        """VolumeUpdate."""
        raise Unavailable("volume update only valid for cluster volumes, but swarm is unavailable")

    def delete_volume(self, request: Request) -> Empty:
        """VolumeDelete."""
        self._volumes.remove(request.params["name"], force=request.flag("force"))
        return Empty()

    def prune_volumes(self, request: Request) -> Json:
        """VolumePrune."""
        return Json(self._volumes.prune(request.filters(), named=request.version < (1, 42)))
