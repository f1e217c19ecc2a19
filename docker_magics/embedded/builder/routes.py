"""The API's builds. source: Engine API, ImageBuild, BuildPrune, BuildCancel."""

from __future__ import annotations

from ..api.messages import Empty, Json, Request, Stream, json_stream
from ..api.router import Route
from . import prune
from .service import Builder


class BuildRoutes:
    """Answers requests about builds.

    Args:
        builder: the engine's.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/build", self.build_image),
            Route("POST", "/build/prune", self.prune_builds),
            Route("POST", "/build/cancel", self.cancel_build),
        ]

    def build_image(self, request: Request) -> Stream:
        """ImageBuild. What fails before the first message is an error of the request."""
        return json_stream(self._builder.build(request))

    def prune_builds(self, request: Request) -> Json:
        """BuildPrune."""
        return Json(self._builder.prune(request.filters(), prune.limits_of(request)))

    def cancel_build(self, request: Request) -> Empty:
        """BuildCancel."""
        self._builder.cancel(request.get("id"))
        return Empty(204)
