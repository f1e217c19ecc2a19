"""Keep the page's lists of the engine's objects up to date: list once, then follow the events.

source: Engine API, ContainerList, ImageList, VolumeList, NetworkList.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError
from docker_magics.results.human import short_id
from docker_magics.wire.reference import ReferenceError as BadReference
from docker_magics.wire.reference import parse

from .events import QUIET, EventStream
from .outbox import Outbox

#: Seconds to collect events for one update.
_BATCH_S = 0.02
#: Above this number of changed containers, list all of them.
_RELIST_ALL_FROM = 25
#: Docker sends `pause` and `die` before its listing reflects them, so the listing is checked again
#: after each of these delays. The last one is for overloaded machines.
_RECHECK_DELAYS_S = (0.15, 1.0, 4.0)
_RECHECK = "again"

Row = dict[str, Any]


class Overview:
    """Sends lists to the page: containers always; images, volumes and networks once requested.

    Args:
        engine: the engine to list.
        containers: the container IDs to show; empty for all.
        outbox: sends lists and changes to the page.
    """

    def __init__(self, engine: Engine, containers: Sequence[str], outbox: Outbox) -> None:
        self._engine = engine
        self._only = list(containers)
        self._outbox = outbox
        self._requested: set[str] = set()
        self._events: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._follow, daemon=True, name="docker-magics-lists").start()
        self._stream = EventStream(engine, self._events.put, self._report)

    def refresh(self, kind: str) -> None:
        """Send a complete list: `container`, `image`, `volume` or `network`."""
        self._requested.add(kind)
        self._events.put({"Type": kind, "Action": "list"})

    def close(self) -> None:
        """Stop listening."""
        self._events.put(None)
        self._stream.close()

    def _report(self, problem: str) -> None:
        """Tell the page whether the engine answers; list again after a lost connection."""
        self._outbox.put("problem", text=problem)
        if not problem:
            for kind in ("container", *self._requested):
                self.refresh(kind)

    def _follow(self) -> None:
        """Send what each batch of events has changed. Runs in its own thread."""
        while (event := self._events.get()) is not None:
            time.sleep(_BATCH_S)
            try:
                self._update([event, *self._pending()])
            except EngineError as error:
                self._outbox.put("problem", text=str(error))

    def _pending(self) -> Iterator[Mapping[str, Any]]:
        while not self._events.empty():
            event = self._events.get()
            if event is None:
                self._events.put(None)
                return
            yield event

    def _update(self, events: Sequence[Mapping[str, Any]]) -> None:
        changed = [
            event for event in events if event.get("Type") == "container" and _changes_state(event)
        ]
        ids = {event["Actor"]["ID"] for event in changed if "Actor" in event}
        if self._only:
            ids &= set(self._only)
        if any(event["Action"] == "list" for event in changed) or len(ids) > _RELIST_ALL_FROM:
            self._send_containers()
        elif ids:
            self._send_changes(sorted(ids))
        for checks in range(len(_RECHECK_DELAYS_S)):
            if late := ids & _rechecked(changed, checks):
                self._schedule_recheck(late, checks)
        for kind in {str(event.get("Type")) for event in events} & self._requested & _LISTS.keys():
            self._outbox.put("list", what=kind, rows=_LISTS[kind](self._engine))

    def _schedule_recheck(self, ids: set[str], checks: int) -> None:
        """Queue artificial events for these containers after a delay."""

        def put() -> None:
            for identity in ids:
                event = {"Type": "container", "Action": _RECHECK, "Actor": {"ID": identity}}
                self._events.put({**event, _RECHECK: checks + 1})

        timer = threading.Timer(_RECHECK_DELAYS_S[checks], put)
        timer.daemon = True
        timer.start()

    def _send_containers(self) -> None:
        self._outbox.put("containers", whole=True, rows=self._containers(self._only), gone=[])

    def _send_changes(self, ids: list[str]) -> None:
        rows = self._containers(ids)
        gone = sorted(set(ids) - {row["id"] for row in rows})
        self._outbox.put("containers", whole=False, rows=rows, gone=gone)

    def _containers(self, ids: Sequence[str]) -> list[Row]:
        query = {"all": True, "filters": {"id": list(ids)} if ids else {}}
        return [_container(container) for container in self._engine.get("/containers/json", query)]


def _rechecked(events: Sequence[Mapping[str, Any]], checks: int) -> set[str]:
    """Return the containers of the events that have been checked this many times."""
    return {
        event["Actor"]["ID"]
        for event in events
        if "Actor" in event and event.get(_RECHECK, 0) == checks
    }


def _changes_state(event: Mapping[str, Any]) -> bool:
    return not str(event["Action"]).startswith(QUIET)


def _container(container: Mapping[str, Any]) -> Row:
    return {
        "id": container["Id"],
        "name": _name(container),
        "image": _familiar(container["Image"]),
        "command": container.get("Command", ""),
        "state": container["State"],
        "status": container["Status"],
        "created": container["Created"],
        "ports": _ports(container.get("Ports") or []),
        "compose": _compose(container.get("Labels") or {}),
    }


def _compose(labels: Mapping[str, str]) -> Row | None:
    """Return which Compose project a container belongs to; None if Compose did not create it.

    source: docker/compose, pkg/api/labels.go.
    """
    if not (project := labels.get("com.docker.compose.project")):
        return None
    files = labels.get("com.docker.compose.project.config_files", "")
    return {
        "project": project,
        "service": labels.get("com.docker.compose.service", ""),
        "folder": labels.get("com.docker.compose.project.working_dir", ""),
        "files": [file for file in files.split(",") if file],
    }


def _name(container: Mapping[str, Any]) -> str:
    names = [name.removeprefix("/") for name in container.get("Names") or []]
    own_names = [name for name in names if "/" not in name]  # others are names by legacy links
    return str((own_names or names or [container["Id"][:12]])[0])


def _familiar(image: str) -> str:
    if image.startswith("sha256:"):
        return short_id(image)
    try:
        parsed = parse(image)
    except BadReference:
        return image
    return parsed.familiar_name + (f":{parsed.tag}" if parsed.tag else "")


def _ports(bindings: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return [public port or 0, private port, protocol, host addresses] for each port."""
    addresses: dict[tuple[int, int, str], set[str]] = {}
    for binding in bindings:
        port = (binding.get("PublicPort", 0), binding["PrivatePort"], binding["Type"])
        addresses.setdefault(port, set()).update(filter(None, [binding.get("IP")]))
    return [[*port, sorted(addresses[port])] for port in sorted(addresses)]


def _images(engine: Engine) -> list[Row]:
    """Return all images, tagged ones first."""
    rows = [
        {
            "id": image["Id"],
            "tags": [tag for tag in image.get("RepoTags") or [] if tag != "<none>:<none>"],
            "size": image["Size"],
            "created": image["Created"],
        }
        for image in engine.get("/images/json")
    ]
    return sorted(rows, key=lambda row: not row["tags"])


def _volumes(engine: Engine) -> list[Row]:
    return [
        {
            "name": volume["Name"],
            "driver": volume["Driver"],
            "mountpoint": volume.get("Mountpoint", ""),
        }
        for volume in engine.get("/volumes").get("Volumes") or []
    ]


def _networks(engine: Engine) -> list[Row]:
    return [
        {
            "id": network["Id"],
            "name": network["Name"],
            "driver": network["Driver"],
            "scope": network.get("Scope", ""),
            "subnets": [
                entry.get("Subnet", "") for entry in (network.get("IPAM") or {}).get("Config") or []
            ],
        }
        for network in engine.get("/networks")
    ]


_LISTS: Mapping[str, Callable[[Engine], list[Row]]] = {
    "image": _images,
    "volume": _volumes,
    "network": _networks,
}
