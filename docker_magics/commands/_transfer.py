"""Images and plugins on their way from or to a registry."""

from __future__ import annotations

from docker_magics.engine import auth
from docker_magics.engine.client import Engine, Query
from docker_magics.engine.error_hints import hint
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text
from docker_magics.wire.reference import Reference


def transfer(
    engine: Engine,
    what: Reference,
    target: str,
    *,
    query: Query | None = None,
    title: str,
    interrupted: str,
    quiet: bool = False,
) -> LayersProgress:
    """The progress of its layers; the result is the reference.

    Args:
        engine: the engine.
        what: the image or plugin, whose registry's credentials go along.
        target: the API's path.
        query: of the request.
        title: what the progress is headed with.
        interrupted: what is said when ctrl-c ended it.
        quiet: nothing but the result is shown.
    """

    def send() -> StreamedResponse:
        headers = auth.header_for(what.domain)
        return StreamedResponse(
            engine.request("POST", target, query=query, headers=headers, stream=True)
        )

    return LayersProgress(
        title,
        send,
        lambda _lines: Text(str(what)),
        quiet=quiet,
        interrupted=interrupted,
        hint=hint,
    )
