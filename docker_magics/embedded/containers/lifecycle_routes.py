"""Creating, starting, stopping, changing and removing containers over the API.

source: Engine API, "Container".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..api.messages import Empty, Json, Request, Stream, encode_json
from ..api.router import Route
from ..errors import ApiError, BadParameter, prefixed
from ..images.platforms import parse_platform
from ..networks.attachment import Attachments
from ..ports import EventSink
from ..records.container import Container
from ..runtime import signals
from ..storage.driver import StorageDriver
from .attach import detach_keys
from .create import ContainerCreator
from .events import ContainerEvents
from .lifecycle import Lifecycle
from .monitor import Monitor
from .old_clients import adapt_creation, adapt_update, refuse_start_options
from .prune import prune_containers
from .removal import Removal
from .store import ContainerStore
from .update import Updater


@dataclass(frozen=True)
class LifecycleBackend:
    """The parts that lifecycle routes use."""

    store: ContainerStore
    events: EventSink
    container_events: ContainerEvents
    storage: StorageDriver
    networks: Attachments
    creator: ContainerCreator
    lifecycle: Lifecycle
    monitor: Monitor
    updater: Updater
    removal: Removal


class LifecycleRoutes:
    """Answers requests that change containers.

    Args:
        backend: the engine's parts.
    """

    def __init__(self, backend: LifecycleBackend) -> None:
        self._backend = backend

    def table(self) -> list[Route]:
        """Return the routes."""
        path = "/containers/{name}"
        return [
            Route("POST", "/containers/create", self.create_container),
            Route("POST", "/containers/prune", self.prune_containers),
            Route("POST", f"{path}/start", self.start_container),
            Route("POST", f"{path}/stop", self.stop_container),
            Route("POST", f"{path}/restart", self.restart_container),
            Route("POST", f"{path}/kill", self.kill_container),
            Route("POST", f"{path}/pause", self.pause_container),
            Route("POST", f"{path}/unpause", self.unpause_container),
            Route("POST", f"{path}/rename", self.rename_container),
            Route("POST", f"{path}/wait", self.wait_container),
            Route("POST", f"{path}/update", self.update_container),
            Route("POST", f"{path}/resize", self.resize_container),
            Route("DELETE", "/containers/{name:.*}", self.delete_container),
        ]

    def _container(self, request: Request) -> Container:
        return self._backend.store.get(request.params["name"])

    def create_container(self, request: Request) -> Json:
        """ContainerCreate."""
        body = request.json("container.CreateRequest")
        if not body:
            raise BadParameter("Config cannot be empty in order to create a container")
        migrated = adapt_creation(body, request.version)
        platform = request.get("platform") if request.version >= (1, 41) else ""
        wanted = parse_platform(platform) if platform else None
        container, warnings = self._backend.creator.create(
            body, request.get("name"), wanted, version=request.version
        )
        return Json({"Id": container.id, "Warnings": [*warnings, *migrated]}, 201)

    def start_container(self, request: Request) -> Empty:
        """ContainerStart."""
        if request.get("detachKeys"):
            detach_keys(request.get("detachKeys"), active=True)
        refuse_start_options(request)
        self._backend.lifecycle.start(self._container(request))
        return Empty()

    def stop_container(self, request: Request) -> Empty:
        """ContainerStop."""
        container = self._container(request)
        self._backend.lifecycle.stop(container, _timeout(request), request.get("signal"))
        return Empty()

    def restart_container(self, request: Request) -> Empty:
        """ContainerRestart."""
        container = self._container(request)
        self._backend.lifecycle.restart(container, _timeout(request), request.get("signal"))
        return Empty()

    def kill_container(self, request: Request) -> Empty:
        """ContainerKill."""
        with prefixed(f"cannot kill container: {request.params['name']}"):
            number = signals.parse(request.get("signal") or "KILL")
            self._backend.lifecycle.kill(self._container(request), number)
        return Empty()

    def pause_container(self, request: Request) -> Empty:
        """ContainerPause."""
        self._backend.lifecycle.pause(self._container(request))
        return Empty()

    def unpause_container(self, request: Request) -> Empty:
        """ContainerUnpause."""
        self._backend.lifecycle.unpause(self._container(request))
        return Empty()

    def rename_container(self, request: Request) -> Empty:
        """ContainerRename."""
        self._backend.updater.rename(self._container(request), request.get("name"))
        return Empty()

    def delete_container(self, request: Request) -> Empty:
        """ContainerDelete."""
        if request.flag("link"):
            self._delete_link(request.params["name"])
            return Empty()
        self._backend.removal.remove(
            self._container(request),
            force=request.flag("force"),
            volumes=request.flag("v"),
            name=request.params["name"],
        )
        return Empty()

    def _delete_link(self, name: str) -> None:
        """Remove the link `CONTAINER/ALIAS`."""
        parent, slash, _ = name.strip("/").rpartition("/")
        container = self._backend.store.get(parent if slash else name)
        if not slash:
            raise ApiError("Conflict, cannot remove the default link name of the container")
        self._backend.networks.remove_link(container, name)

    def wait_container(self, request: Request) -> Stream:
        """ContainerWait: the answer begins at once, and its body comes at the end."""
        condition = request.get("condition") if request.version >= (1, 30) else ""
        step = self._backend.monitor.wait(self._container(request), condition)

        def pieces() -> Iterator[bytes]:
            while (result := step()) is None:
                yield b""
            yield encode_json(result) + b"\n"

        return Stream(pieces())

    def update_container(self, request: Request) -> Json:
        """ContainerUpdate."""
        container = self._container(request)
        body = request.json("container.UpdateConfig")
        adapt_update(body, request.version)
        warnings = self._backend.updater.update(container, body)
        return Json({"Warnings": warnings or None})

    def resize_container(self, request: Request) -> Empty:
        """ContainerResize."""
        container = self._container(request)
        height, width = request.number("h"), request.number("w")
        if container.process is None:
            raise BadParameter(f"cannot resize a stopped container: {container.id}")
        container.process.resize(height, width)
        size = {"height": str(height), "width": str(width)}
        self._backend.container_events.publish(container, "resize", size)
        return Empty(200)

    def prune_containers(self, request: Request) -> Json:
        """ContainerPrune."""
        backend = self._backend
        answer = prune_containers(
            request.filters(), backend.store, backend.removal, backend.storage, backend.events
        )
        return Json(answer)


def _timeout(request: Request) -> int | None:
    """Return the seconds between the stop signal and SIGKILL; None for the container's own."""
    return request.number("t") if request.get("t") else None
