"""The API's builds. source: Engine API, ImageBuild, BuildPrune, BuildCancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api.messages import Empty, Json, Request, Stream, json_stream
from ..api.router import EngineRoute

if TYPE_CHECKING:
    from ..engine import Engine


def build(engine: Engine, request: Request) -> Stream:
    """ImageBuild. What fails before the first step is an error of the request."""
    return json_stream(engine.builder.build(request))


def cancel(engine: Engine, request: Request) -> Empty:
    """BuildCancel."""
    engine.builder.cancel(request.get("id"))
    return Empty(204)


def prune(engine: Engine, request: Request) -> Json:
    """BuildPrune."""
    return Json(engine.builder.prune(request.filters()))


ROUTES = [
    EngineRoute("POST", "/build", build),
    EngineRoute("POST", "/build/prune", prune),
    EngineRoute("POST", "/build/cancel", cancel),
]
