"""What happens to containers, as events.

source: moby daemon/events.go, daemon/volumes.go.
"""

from __future__ import annotations

from ..ports import EventSink
from ..records.container import Container


class ContainerEvents:
    """Publishes events of containers and of the volumes that they mount.

    Args:
        events: receives them.
    """

    def __init__(self, events: EventSink) -> None:
        self._events = events

    def publish(
        self, container: Container, action: str, extra: dict[str, str] | None = None
    ) -> None:
        """Publish what happened to a container.

        Args:
            container: whose labels, image and name the event carries.
            action: create, start, die, ...
            extra: further attributes: exitCode, signal, execID.
        """
        attributes = {
            **container.labels(),
            **(extra or {}),
            "image": container.config["Image"],
            "name": container.name,
        }
        self._events.publish("container", action, container.id, attributes)

    def publish_mounts(self, container: Container, *, mounted: bool) -> None:
        """Publish that the container's volumes were mounted or unmounted."""
        for mount in container.record["Mounts"]:
            if mount["Type"] == "volume":
                attributes = {"container": container.id, "driver": "local"}
                if mounted:
                    attributes |= {
                        "destination": mount["Destination"],
                        "propagation": mount["Propagation"],
                        "read/write": str(mount["RW"]).lower(),
                    }
                action = "mount" if mounted else "unmount"
                self._events.publish("volume", action, mount["Name"], attributes)
