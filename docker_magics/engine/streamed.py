"""An answer that is read while it comes, and can be let go of from another thread."""

from __future__ import annotations

import codecs
import json
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests import Response


class Streamed:
    """The body of a streaming request.

    A thread that waits for the next bytes cannot be interrupted, but its connection can be cut:
    after `close` it sees the end.
    """

    def __init__(self, response: Response) -> None:
        self._response = response
        self._closed = False

    def pieces(self) -> Iterator[bytes]:
        """The bytes as they come; none at the end, or once it is closed."""
        from requests.exceptions import RequestException

        try:
            yield from self._response.iter_content(chunk_size=None)
        except (RequestException, OSError, ValueError, AttributeError):
            if not self._closed:
                raise
        finally:
            self._response.close()

    def values(self) -> Iterator[Any]:
        """The JSON values of a streamed answer, one by one, as they come."""
        decoder = json.JSONDecoder()
        utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        text = ""
        for piece in self.pieces():
            text = (text + utf8.decode(piece)).lstrip()
            while text:
                try:
                    value, end = decoder.raw_decode(text)
                except ValueError:
                    break  # the rest is still to come
                text = text[end:].lstrip()
                yield value

    def json(self) -> Any:
        """All of it as JSON; None where it was cut off."""
        content = b"".join(self.pieces())
        return None if self._closed or not content else json.loads(content)

    def close(self) -> None:
        """Cut the connection; a read in another thread returns."""
        self._closed = True
        raw: Any = self._response.raw
        try:
            reader = raw._fp.fp  # noqa: SLF001 - there is no public way to the socket
            getattr(reader.raw, "_sock", reader.raw).shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            return  # at its end already
