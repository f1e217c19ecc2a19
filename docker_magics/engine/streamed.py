"""An answer that is read while it comes, and can be let go of from another thread."""

from __future__ import annotations

import codecs
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests import Response


class StreamedResponse:
    """The body of a streaming request.

    A thread that waits for the next bytes cannot be interrupted, but its connection can be cut:
    after `close` it sees the end.

    Args:
        response: of a request with `stream`.
        silence: seconds without a byte that count as the end, where the engine may forget to end
            (Podman 4.3's logs of a container that has exited); None for any time.
    """

    def __init__(self, response: Response, *, silence: float | None = None) -> None:
        self._response = response
        self._closed = False
        if silence is not None and (connection := self._socket()) is not None:
            connection.settimeout(silence)

    def pieces(self) -> Iterator[bytes]:
        """The bytes as they come; none at the end, or once it is closed."""
        from requests.exceptions import RequestException

        try:
            yield from self._response.iter_content(chunk_size=None)
        except (RequestException, OSError, ValueError, AttributeError) as error:
            if not (self._closed or _is_timeout(error)):
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
        if (connection := self._socket()) is not None:
            with suppress(OSError):  # ended already
                connection.shutdown(socket.SHUT_RDWR)

    def _socket(self) -> socket.socket | None:
        """The connection; None where all has been read."""
        raw: Any = self._response.raw
        try:
            reader = raw._fp.fp.raw  # noqa: SLF001 - there is no public way
        except AttributeError:
            return None
        found: socket.socket = getattr(reader, "_sock", reader)
        return found


def _is_timeout(error: Exception) -> bool:
    from urllib3.exceptions import ReadTimeoutError

    return any(isinstance(cause, ReadTimeoutError) for cause in error.args)
