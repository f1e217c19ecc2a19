"""Messages to the page, several at once: the server drops them beyond 1,000 a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

#: Seconds for which messages are gathered.
_GATHER_S = 0.04
#: Characters of output that may wait; who writes more waits too.
_ROOM = 512 * 1024

Message = dict[str, Any]


class Outbox:
    """Gathers messages for a moment and hands them on together, in their order."""

    def __init__(self, send: Callable[[list[Message]], None]) -> None:
        self._send = send
        self._waiting: list[Message] = []
        self._size = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="docker-magics-outbox")
        self._thread.start()

    def put(self, kind: str, **fields: Any) -> None:
        """Send a message soon."""
        with self._changed:
            self._waiting.append({"kind": kind, **fields})
            self._changed.notify_all()

    def write(self, action: int, text: str) -> None:
        """Send an action's output; blocks while much is waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._size < _ROOM or self._closed)
            last = self._waiting[-1] if self._waiting else {}
            if last.get("kind") == "output" and last["action"] == action:
                last["text"] += text
            else:
                self._waiting.append({"kind": "output", "action": action, "text": text})
            self._size += len(text)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                self._changed.wait_for(lambda: self._closed, _GATHER_S)
                messages, self._waiting, self._size = self._waiting, [], 0
                self._changed.notify_all()
            self._send(messages)

    def close(self) -> None:
        """Send no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
