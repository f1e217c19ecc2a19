"""What is on the engine, kept up to date by its events: one listing, and then what has changed.

source: Engine API, SystemEvents, ContainerList, ImageList, VolumeList, NetworkList.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from docker_magics.engine.client import Engine
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import EngineError
from docker_magics.results.human import short_id
from docker_magics.wire.reference import ReferenceError as BadReference
from docker_magics.wire.reference import parse

from .outbox import Outbox

#: Events that say nothing of a container's state.
_QUIET = ("exec_", "attach", "top", "resize", "copy", "archive-path", "export", "commit")
#: Seconds for which events are gathered; from this many containers on all are listed anew.
_GATHER_S = 0.02
_MANY = 25
#: Docker sends `pause` and `die` before its listing shows them: it is looked at again, after each
#: of these times; the last is for a machine with too much to do.
_LATE_S = (0.15, 1.0, 4.0)
_AGAIN = "again"
_RETRY_S = 2.0

Row = dict[str, Any]


class Overview:
    """Lists for the page: containers always, images, volumes and networks once they are asked for.

    Args:
        engine: whose.
        containers: IDs of those to show, none for all.
        outbox: where lists and changes go.
    """

    def __init__(self, engine: Engine, containers: Sequence[str], outbox: Outbox) -> None:
        self._engine = engine
        self._only = list(containers)
        self._outbox = outbox
        self._asked: set[str] = set()
        self._events: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._stream: StreamedResponse | None = None
        self._closed = threading.Event()
        for target in (self._listen, self._follow):
            threading.Thread(target=target, daemon=True, name="docker-magics-events").start()

    def refresh(self, kind: str) -> None:
        """Send a whole list: `container`, `image`, `volume`, `network`."""
        self._asked.add(kind)
        self._events.put({"Type": kind, "Action": "list"})

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._events.put(None)
        if self._stream is not None:
            self._stream.close()

    def _listen(self) -> None:
        """The events' thread; where the engine goes away it says so, and waits for it."""
        while not self._closed.is_set():
            try:
                self._stream = StreamedResponse(self._engine.request("GET", "/events", stream=True))
                self._outbox.put("problem", text="")
                for kind in ("container", *self._asked):
                    self.refresh(kind)
                for event in self._stream.values():
                    self._events.put(event)
            except (EngineError, OSError) as error:
                self._outbox.put("problem", text=str(error))
            self._closed.wait(_RETRY_S)

    def _follow(self) -> None:
        """The listings' thread: what the events of a moment have changed."""
        while (event := self._events.get()) is not None:
            time.sleep(_GATHER_S)
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
        changed = [each for each in events if each.get("Type") == "container" and _counts(each)]
        ids = {each["Actor"]["ID"] for each in changed if "Actor" in each}
        if self._only:
            ids &= set(self._only)
        if any(each["Action"] == "list" for each in changed) or len(ids) > _MANY:
            self._send_containers()
        elif ids:
            self._send_changes(sorted(ids))
        for looks in range(len(_LATE_S)):
            if late := ids & _looked_at(changed, looks):
                self._look_again(late, looks)
        for kind in {str(each.get("Type")) for each in events} & self._asked & _LISTS.keys():
            self._outbox.put("list", what=kind, rows=_LISTS[kind](self._engine))

    def _look_again(self, ids: set[str], looks: int) -> None:
        """Put events for these, a moment later."""

        def put() -> None:
            for each in ids:
                event = {"Type": "container", "Action": _AGAIN, "Actor": {"ID": each}}
                self._events.put({**event, _AGAIN: looks + 1})

        timer = threading.Timer(_LATE_S[looks], put)
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
        return [_container(each) for each in self._engine.get("/containers/json", query)]


def _looked_at(events: Sequence[Mapping[str, Any]], looks: int) -> set[str]:
    """The containers of events after which the listing was looked at so often."""
    return {
        each["Actor"]["ID"] for each in events if "Actor" in each and each.get(_AGAIN, 0) == looks
    }


def _counts(event: Mapping[str, Any]) -> bool:
    return not str(event["Action"]).startswith(_QUIET)


def _container(found: Mapping[str, Any]) -> Row:
    return {
        "id": found["Id"],
        "name": _name(found),
        "image": _familiar(found["Image"]),
        "command": found.get("Command", ""),
        "state": found["State"],
        "status": found["Status"],
        "created": found["Created"],
        "ports": _ports(found.get("Ports") or []),
    }


def _name(found: Mapping[str, Any]) -> str:
    names = [each.removeprefix("/") for each in found.get("Names") or []]
    own = [each for each in names if "/" not in each]  # the others are legacy links
    return str((own or names or [found["Id"][:12]])[0])


def _familiar(image: str) -> str:
    if image.startswith("sha256:"):
        return short_id(image)
    try:
        parsed = parse(image)
    except BadReference:
        return image
    return parsed.familiar_name + (f":{parsed.tag}" if parsed.tag else "")


def _ports(found: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """[public port or 0, private port, protocol], each once whatever its addresses."""
    ports = {(each.get("PublicPort", 0), each["PrivatePort"], each["Type"]) for each in found}
    return [list(port) for port in sorted(ports)]


def _images(engine: Engine) -> list[Row]:
    """Those with a name first."""
    found = [
        {
            "id": each["Id"],
            "tags": [tag for tag in each.get("RepoTags") or [] if tag != "<none>:<none>"],
            "size": each["Size"],
            "created": each["Created"],
        }
        for each in engine.get("/images/json")
    ]
    return sorted(found, key=lambda row: not row["tags"])


def _volumes(engine: Engine) -> list[Row]:
    return [
        {"name": each["Name"], "driver": each["Driver"], "mountpoint": each.get("Mountpoint", "")}
        for each in engine.get("/volumes").get("Volumes") or []
    ]


def _networks(engine: Engine) -> list[Row]:
    return [
        {
            "id": each["Id"],
            "name": each["Name"],
            "driver": each["Driver"],
            "scope": each.get("Scope", ""),
            "subnets": [
                entry.get("Subnet", "") for entry in (each.get("IPAM") or {}).get("Config") or []
            ],
        }
        for each in engine.get("/networks")
    ]


_LISTS: Mapping[str, Callable[[Engine], list[Row]]] = {
    "image": _images,
    "volume": _volumes,
    "network": _networks,
}
