"""Streaming responses that can be closed from another thread."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from docker_magics.errors import EngineError

from .http_response import Response


class StreamedResponse:
    """The body of a streaming response.

    A thread that waits for bytes cannot be interrupted, but `close` from another thread closes the
    connection, so that the waiting thread sees the end.

    Args:
        response: the response to a request with `stream`.
        silence: a read timeout in seconds that counts as the end, for engines that may not end
            the stream (Podman 4.3's logs of an exited container); None for no timeout.
    """

    def __init__(self, response: Response, *, silence: float | None = None) -> None:
        self._response = response
        self._closed = False
        if silence is not None:
            response.set_timeout(silence)

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes as they arrive, until the end or `close`."""
        try:
            yield from self._response.pieces()
        except TimeoutError:
            return
        except EngineError:
            if not self._closed:
                raise
        finally:
            self._response.close()

    def values(self) -> Iterator[Any]:
        """Yield the JSON values of the stream as they arrive."""
        decoder = json.JSONDecoder()
        utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        text = ""
        for piece in self.pieces():
            text = (text + utf8.decode(piece)).lstrip()
            while text:
                try:
                    value, end = decoder.raw_decode(text)
                except ValueError:
                    break  # the value is incomplete
                text = text[end:].lstrip()
                yield value

    def json(self) -> Any:
        """Read the whole body as JSON; return None if it was closed before the end."""
        content = b"".join(self.pieces())
        return None if self._closed or not content else json.loads(content)

    def close(self) -> None:
        """Close the connection; a blocked read in another thread returns."""
        self._closed = True
        self._response.close()
