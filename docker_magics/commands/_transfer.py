"""Pulling and pushing images and plugins."""

from __future__ import annotations

from collections.abc import Sequence

from docker_magics.engine import auth
from docker_magics.engine.client import Engine, Query
from docker_magics.engine.error_hints import hint
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text
from docker_magics.wire.reference import Reference


def transfer(
    engine: Engine,
    reference: Reference,
    target: str,
    *,
    query: Query | None = None,
    title: str,
    interrupted: str,
    quiet: bool = False,
    notices: Sequence[str] = (),
    result: type[Text] = Text,
) -> LayersProgress:
    """Return the progress of the layers; its result is the reference.

    Args:
        engine: the engine.
        reference: the image or plugin; the credentials of its registry are sent.
        target: the API path.
        query: the query parameters.
        title: the title of the progress.
        interrupted: the message after an interrupt.
        quiet: whether to show the result only.
        notices: lines to show before the engine's.
        result: the class of the result: Shown if the CLI does not print it.
    """

    def send() -> StreamedResponse:
        headers = auth.header_for(reference.domain)
        return StreamedResponse(
            engine.request("POST", target, query=query, headers=headers, stream=True)
        )

    return LayersProgress(
        title,
        send,
        lambda _lines: result(str(reference)),
        quiet=quiet,
        notices=notices,
        interrupted=interrupted,
        hint=hint,
    )
