"""Stream CPU and memory usage of the containers that are visible in the page.

source: Engine API, ContainerStats.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from docker_magics.commands.container.stats import usage
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import EngineError

from .outbox import Outbox

#: Maximum concurrent streams; no page shows more rows.
_MAX_STREAMS = 60
#: Seconds without a message after which a page counts as gone; background tabs send rarely.
_VIEW_TIMEOUT_S = 150.0


class Meters:
    """One stats stream for each visible container."""

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox
        self._streams: dict[str, StreamedResponse | None] = {}
        self._views: dict[str, set[str]] = {}
        self._last_seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def show(self, view: str, ids: Iterable[str]) -> None:
        """Set the containers that a page shows, and start or stop streams accordingly."""
        with self._lock:
            self._views[view] = set(list(ids)[:_MAX_STREAMS])
            self._last_seen[view] = time.monotonic()
        self._update_streams()

    def keep_alive(self, view: str) -> None:
        """Record that a page is still connected."""
        with self._lock:
            if view in self._views:
                self._last_seen[view] = time.monotonic()

    def _update_streams(self) -> None:
        with self._lock:
            wanted = self._wanted()
            new = wanted - self._streams.keys()
            old = [self._streams.pop(identity) for identity in self._streams.keys() - wanted]
            self._streams.update(dict.fromkeys(new))
        for stream in old:
            if stream is not None:
                stream.close()
        for identity in new:
            threading.Thread(
                target=self._measure, args=(identity,), daemon=True, name="docker-magics-meter"
            ).start()

    def close(self) -> None:
        """Stop all streams."""
        with self._lock:
            self._views.clear()
        self._update_streams()

    def _wanted(self) -> set[str]:
        """Return the containers that are visible in any page. Forgets pages that are gone."""
        now = time.monotonic()
        for view in [name for name in self._views if now - self._last_seen[name] > _VIEW_TIMEOUT_S]:
            del self._views[view]
        return set().union(*self._views.values())

    def _measure(self, identity: str) -> None:
        try:
            response = self._engine.request(
                "GET", path("containers", identity, "stats"), query={"stream": "1"}, stream=True
            )
            stream = StreamedResponse(response)
            if not self._keep(identity, stream):
                stream.close()
                return
            for answer in stream.values():
                if not self._is_wanted(identity):
                    stream.close()
                    return
                used = usage(answer, identity)
                self._outbox.put(
                    "usage",
                    id=identity,
                    cpu=round(used.cpu, 2),
                    memory=used.memory,
                    limit=used.memory_limit,
                )
        except (EngineError, OSError):
            return  # the container is gone, which its row shows
        finally:
            with self._lock:
                self._streams.pop(identity, None)

    def _is_wanted(self, identity: str) -> bool:
        with self._lock:
            return identity in self._wanted()

    def _keep(self, identity: str, stream: StreamedResponse) -> bool:
        """Store the stream; return False if its container is not visible any more."""
        with self._lock:
            if identity not in self._streams:
                return False
            self._streams[identity] = stream
            return True
