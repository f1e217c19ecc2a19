"""The API's builds. source: Engine API, ImageBuild, BuildPrune, BuildCancel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Fault
from ..server.messages import Empty, Json, Request, Stream, json_lines
from ..server.router import Route
from .failed import StepFailed

if TYPE_CHECKING:
    from ..engine import Engine


def build(engine: Engine, request: Request) -> Stream:
    """ImageBuild. What fails before the first step is an error of the request."""
    messages = engine.builder.build(request)
    first = next(messages, None)
    return Stream(json_lines(_told(first, messages)))


def _told(
    first: dict[str, Any] | None, messages: Iterator[dict[str, Any] | None]
) -> Iterator[dict[str, Any] | None]:
    """The messages; what fails on the way is the last of them."""
    yield first
    try:
        yield from messages
    except StepFailed as fault:
        detail = {"code": fault.code, "message": str(fault)}
        yield {"errorDetail": detail, "error": str(fault)}
    except (Fault, OSError) as fault:
        yield {"errorDetail": {"message": str(fault)}, "error": str(fault)}


def cancel(engine: Engine, request: Request) -> Empty:
    """BuildCancel."""
    engine.builder.cancel(request.get("id"))
    return Empty(204)


def prune(engine: Engine, _request: Request) -> Json:
    """BuildPrune."""
    return Json(engine.builder.prune())


ROUTES = [
    Route("POST", "/build", build),
    Route("POST", "/build/prune", prune),
    Route("POST", "/build/cancel", cancel),
]
