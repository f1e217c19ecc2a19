"""CPU and memory of the containers that the page shows, and of no others.

source: Engine API, ContainerStats.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from docker_magics.commands.container.stats import usage
from docker_magics.engine.client import Engine, path
from docker_magics.engine.streamed import Streamed
from docker_magics.errors import EngineError

from .outbox import Outbox

#: Streams at once: a page that claims to show more is wrong.
_MOST = 60


class Meters:
    """A stream for each container that is in sight."""

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox
        self._streams: dict[str, Streamed | None] = {}
        self._lock = threading.Lock()

    def show(self, ids: Iterable[str]) -> None:
        """Measure these from now on, and no others."""
        wanted = set(list(ids)[:_MOST])
        with self._lock:
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
        self.show([])

    def _measure(self, identity: str) -> None:
        try:
            response = self._engine.request(
                "GET", path("containers", identity, "stats"), query={"stream": "1"}, stream=True
            )
            stream = Streamed(response)
            if not self._keep(identity, stream):
                stream.close()
                return
            for answer in stream.values():
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

    def _keep(self, identity: str, stream: Streamed) -> bool:
        """Whether it is still in sight."""
        with self._lock:
            if identity not in self._streams:
                return False
            self._streams[identity] = stream
            return True
