"""The output and input of containers over the API: attach, logs.

source: Engine API, ContainerAttach, ContainerAttachWebsocket, ContainerLogs.
"""

from __future__ import annotations

from .. import clock
from ..api.messages import Hijack, RawConnection, Request, Stream
from ..api.router import Route
from ..errors import BadParameter
from . import log_options
from .attach import AttachOptions, attach, check_attachable, detach_keys
from .events import ContainerEvents
from .logs import LogFormat, LogRange, LogReader
from .store import ContainerStore


class StreamRoutes:
    """Answers requests for the output and input of containers.

    Args:
        store: the containers.
        events: receives attach and detach.
    """

    def __init__(self, store: ContainerStore, events: ContainerEvents) -> None:
        self._store = store
        self._events = events

    def table(self) -> list[Route]:
        """Return the routes."""
        path = "/containers/{name}"
        return [
            Route("POST", f"{path}/attach", self.attach_container),
            Route("GET", f"{path}/attach/ws", self.attach_container_websocket),
            Route("GET", f"{path}/logs", self.container_logs),
        ]

    def attach_container(self, request: Request) -> Hijack:
        """ContainerAttach."""
        container = self._store.get(request.params["name"])
        check_attachable(container)
        tty = container.config["Tty"]
        options = AttachOptions(
            stdin=request.flag("stdin"),
            stdout=request.flag("stdout"),
            stderr=request.flag("stderr"),
            past=request.flag("logs"),
            live=request.flag("stream"),
            keys=detach_keys(request.get("detachKeys"), active=tty),
        )
        serve = attach(container, options, self._events)
        return Hijack(serve, content_type=stream_type(request, framed=not tty))

    def attach_container_websocket(self, request: Request) -> Hijack:
        """ContainerAttachWebsocket."""
        from wsproto.utilities import generate_accept_token  # imported where it is used: 4 MiB

        from .websocket import Messages

        key = request.headers.get("sec-websocket-key")
        if not key:
            raise BadParameter(
                "cannot attach by WebSocket: the header Sec-WebSocket-Key is missing; use a"
                " WebSocket client"
            )
        container = self._store.get(request.params["name"])
        framed = not container.config["Tty"]
        serve = self.attach_container(request).talk

        def talk(raw: RawConnection) -> None:
            serve(Messages(raw, framed=framed))

        headers = {"Sec-WebSocket-Accept": generate_accept_token(key.encode()).decode()}
        return Hijack(talk, content_type="", headers=headers)

    def container_logs(self, request: Request) -> Stream:
        """Answer ContainerLogs."""
        container = self._store.get(request.params["name"])
        streams = frozenset(name for name in ("stdout", "stderr") if request.flag(name))
        if not streams:
            raise BadParameter("Bad parameters: you must choose at least one stream")
        if log_options.log_spec(container) is None:
            raise BadParameter("configured logging driver does not support reading")
        range_ = LogRange(
            since=clock.parse_client_time(request.get("since") or "0"),
            until=clock.parse_client_time(request.get("until") or "0"),
            tail=_tail(request.get("tail")),
            follow=request.flag("follow"),
        )
        framed = not container.config["Tty"]
        format_ = LogFormat(
            streams,
            timestamps=request.flag("timestamps"),
            details=log_options.details(container) if request.flag("details") else "",
            framed=framed,
        )
        batches = LogReader(container, range_).batches()
        return Stream(format_.encode(batches), stream_type(request, framed=framed))


def stream_type(request: Request, *, framed: bool) -> str:
    """Return the media type of a container's output; clients before API 1.42 know one alone."""
    kind = "multiplexed" if framed and request.version >= (1, 42) else "raw"
    return f"application/vnd.docker.{kind}-stream"


def _tail(text: str) -> int:
    """Return how many lines; -1 for all."""
    return int(text) if text.isdigit() else -1
