"""The stream of the engine's events."""

from __future__ import annotations

import threading
from typing import Any

from unit.widgets.test_dashboard import FakeEngine

from docker_magics.widgets.events import EventStream


class _SlowEngine(FakeEngine):
    """Answers once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()
        self.ended = threading.Event()

    def request(self, *args: Any, **options: Any) -> Any:
        self.asked.set()
        assert self.answers.wait(5)
        return super().request(*args, **options)

    def close(self) -> None:
        super().close()
        self.ended.set()


def test_a_stream_that_is_closed_while_it_connects_is_left() -> None:
    engine = _SlowEngine()
    problems: list[str] = []
    stream = EventStream(engine, lambda _: None, problems.append)  # type: ignore[arg-type]
    assert engine.asked.wait(5)
    stream.close()
    engine.answers.set()
    assert engine.ended.wait(5)
    assert problems == []
