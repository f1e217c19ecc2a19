"""Ports: the narrow interfaces through which the engine's parts use each other.

A part imports the parts below it (see ARCHITECTURE.md) and takes what it uses in its constructor.
What it needs of a part above it, it takes by one of these protocols; tests pass fakes.

source: the idea is moby's `Backend` interface of each API router.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .records.container import Container


class EventSink(Protocol):
    """Receives what happens to objects. Implementation: `events.EventBus`."""

    def publish(
        self, kind: str, action: str, actor: str, attributes: Mapping[str, str] | None = None, /
    ) -> None:
        """Record an event, and send it to every subscriber.

        Args:
            kind: container, image, network, volume, builder or daemon.
            action: create, start, die, `exec_create: ls`, ...
            actor: the object's ID or name.
            attributes: its labels, and what the action adds (exitCode, signal, name).
        """


class ContainerLookup(Protocol):
    """Finds containers. Implementation: `containers.store.ContainerStore`."""

    def all(self) -> list[Container]:
        """Return every container, the newest first."""

    def get(self, text: str, /) -> Container:
        """Return the container of a name, an ID or an ID's prefix.

        Raises:
            NotFound: no such container.
            BadParameter: the prefix is ambiguous.
        """

    def using_image(self, image_id: str, /) -> list[Container]:
        """Return the containers that were created from an image, or mount it."""
