"""The API's system calls.

source: Engine API, "System"; moby api/server/router/system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import clock
from ..api.messages import Json, Request, Stream, Text, json_lines
from ..api.router import Route
from ..errors import BadParameter
from ..events import EventBus
from ..registry.credentials import Credentials, from_json
from . import info, info_versions
from .df import DiskUsage
from .info import SystemInfo

#: What the CLI builds with: 1 is the classic builder.
_BUILDER = "1"
_DISK_USERS = {"container", "image", "volume", "build-cache"}

Login = Callable[[Credentials], dict[str, Any]]


class SystemRoutes:
    """Answers requests about the engine itself.

    Args:
        about: describes the engine.
        disk_usage: counts bytes.
        events: are streamed.
        login: checks credentials at a registry.
    """

    def __init__(
        self, about: SystemInfo, disk_usage: DiskUsage, events: EventBus, login: Login
    ) -> None:
        self._about = about
        self._disk_usage = disk_usage
        self._events = events
        self._login = login

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/_ping", self.ping),
            Route("GET", "/version", self.version),
            Route("GET", "/info", self.info),
            Route("GET", "/events", self.stream_events),
            Route("GET", "/system/df", self.data_usage),
            Route("POST", "/auth", self.auth),
        ]

    def ping(self, request: Request) -> Text:
        """SystemPing."""
        headers = {
            "Builder-Version": _BUILDER,
            "Cache-Control": "no-cache, no-store, must-revalidate",
            "Pragma": "no-cache",
            "Swarm": "inactive",
        }
        return Text("" if request.method == "HEAD" else "OK", headers=headers)

    def version(self, _request: Request) -> Json:
        """SystemVersion."""
        return Json(info.version())

    def info(self, request: Request) -> Json:
        """SystemInfo."""
        return Json(info_versions.adapt(self._about.as_json(), request.version))

    def stream_events(self, request: Request) -> Stream:
        """Stream events until the client leaves (SystemEvents)."""
        since, until = (_time(request.get(name)) for name in ("since", "until"))
        if since is not None and until is not None and since > until:
            times = [request.get(name) for name in ("since", "until")]
            raise BadParameter("`since` time ({}) cannot be after `until` time ({})".format(*times))
        return Stream(json_lines(self._events.subscribe(since, until, request.filters())))

    def data_usage(self, request: Request) -> Json:
        """SystemDataUsage."""
        types = request.all("type") if request.version >= (1, 42) else []
        for type_ in types:
            if type_ not in _DISK_USERS:
                raise BadParameter(f"unknown object type: {type_}")
        return Json(self._disk_usage.as_json(types or _DISK_USERS, old=request.version < (1, 43)))

    def auth(self, request: Request) -> Json:
        """SystemAuth."""
        return Json(self._login(from_json(request.json("registry.AuthConfig"))))


def _time(text: str) -> int | None:
    return clock.parse_client_time(text) if text else None
