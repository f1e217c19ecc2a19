"""What an interrupt of a cell removes: a container that was created, but not started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from docker_magics.engine.client import Engine, Query, path
from docker_magics.errors import EngineError
from docker_magics.results.interrupts import count_interrupts


def create_container(engine: Engine, query: Query | None, body: dict[str, Any]) -> dict[str, Any]:
    """Create a container and return the engine's answer, for which an interrupt waits.

    Raises:
        KeyboardInterrupt: the user interrupted it; the container is removed.

    source: Engine API, ContainerCreate.
    """
    with count_interrupts() as interrupts:
        answer: dict[str, Any] = engine.post(path("containers", "create"), query, body)
        is_interrupted = interrupts() > 0
    with removed_after(KeyboardInterrupt, engine, answer["Id"]):
        if is_interrupted:
            raise KeyboardInterrupt
    return answer


@contextlib.contextmanager
def removed_after(error: type[BaseException], engine: Engine, identity: str) -> Iterator[None]:
    """Remove a container if an error ends the block."""
    try:
        yield
    except error:
        with contextlib.suppress(EngineError):
            engine.delete(path("containers", identity), {"force": True, "v": True})
        raise
