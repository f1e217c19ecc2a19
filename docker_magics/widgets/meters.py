"""CPU and memory of the containers that the page shows, and of no others.

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

#: Streams at once: a page that claims to show more is wrong.
_MOST = 60
#: Seconds without a word after which a page counts as gone: one in the background speaks seldom.
_SILENCE_S = 150.0


class Meters:
    """A stream for each container that is in sight."""

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox
        self._streams: dict[str, StreamedResponse | None] = {}
        self._views: dict[str, set[str]] = {}
        self._spoke: dict[str, float] = {}
        self._lock = threading.Lock()

    def show(self, view: str, ids: Iterable[str]) -> None:
        """What a page shows from now on: that is measured."""
        with self._lock:
            self._views[view] = set(list(ids)[:_MOST])
            self._spoke[view] = time.monotonic()
        self._measure_what_is_shown()

    def keep_alive(self, view: str) -> None:
        """A page is still there."""
        with self._lock:
            if view in self._views:
                self._spoke[view] = time.monotonic()

    def _measure_what_is_shown(self) -> None:
        with self._lock:
            wanted = self._wanted()
            new = wanted - self._streams.keys()
            old = [self._streams.pop(each) for each in self._streams.keys() - wanted]
            self._streams.update(dict.fromkeys(new))
        for stream in old:
            if stream is not None:
                stream.close()
        for identity in new:
            threading.Thread(
                target=self._measure, args=(identity,), daemon=True, name="docker-magics-meter"
            ).start()

    def close(self) -> None:
        """End all."""
        with self._lock:
            self._views.clear()
        self._measure_what_is_shown()

    def _wanted(self) -> set[str]:
        """What the pages show; those that are gone show nothing."""
        now = time.monotonic()
        for view in [each for each in self._views if now - self._spoke[each] > _SILENCE_S]:
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
            return  # it is gone: its row says so
        finally:
            with self._lock:
                self._streams.pop(identity, None)

    def _is_wanted(self, identity: str) -> bool:
        with self._lock:
            return identity in self._wanted()

    def _keep(self, identity: str, stream: StreamedResponse) -> bool:
        """Whether it is still in sight."""
        with self._lock:
            if identity not in self._streams:
                return False
            self._streams[identity] = stream
            return True
