"""Follow the engine's events, and reconnect when the engine is lost.

source: Engine API, SystemEvents.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from docker_magics.engine.client import Engine
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import EngineError

#: Event prefixes that do not change a container's state.
QUIET = ("exec_", "attach", "top", "resize", "copy", "archive-path", "export", "commit")
_RETRY_S = 2.0


class EventStream:
    """Receives events in its own thread until it is closed.

    Args:
        engine: the engine to follow.
        receive: called with each event.
        report: called with "" once connected, and with the reason when the engine is lost.
    """

    def __init__(
        self,
        engine: Engine,
        receive: Callable[[Mapping[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._receive = receive
        self._report = report
        self._stream: StreamedResponse | None = None
        self._closed = threading.Event()
        threading.Thread(target=self._listen, daemon=True, name="docker-magics-events").start()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                stream = StreamedResponse(self._engine.request("GET", "/events", stream=True))
                self._stream = stream
                if self._closed.is_set():  # `close` may have come before
                    stream.close()
                    return
                self._report("")
                for event in stream.values():
                    self._receive(event)
            except (EngineError, OSError) as error:
                self._report(str(error))
            self._closed.wait(_RETRY_S)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._stream is not None:
            self._stream.close()
