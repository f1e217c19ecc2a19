"""The API's containers and execs. source: Engine API, "Container", "Exec"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from ..api.maps import in_order
from ..api.messages import Empty, Json, Request, Stream, encoded
from ..api.router import EngineRoute
from ..dockerfile.changes import apply_changes
from ..dockerfile.run_config import RunConfig
from ..errors import ApiError, BadParameter
from ..images import references
from ..images.platforms import parse_platform
from ..runtime import signals
from . import archive, attach, changes, inspect, logs, ls, stats, websocket
from . import exec as execs
from .attach import detach_keys
from .prune import prune_containers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine import Engine
    from ..records.container import Container


def _container(engine: Engine, request: Request) -> Container:
    return engine.container_store.get(request.params["name"])


def listing(engine: Engine, request: Request) -> Json:
    """ContainerList."""
    found = ls.find(
        engine,
        request.filters(),
        every=request.flag("all"),
        limit=request.number("limit"),
    )
    return Json(ls.summaries(found, engine, size=request.flag("size")))


def create(engine: Engine, request: Request) -> Json:
    """ContainerCreate."""
    body = request.json()
    if not body:
        raise BadParameter("Config cannot be empty in order to create a container")
    platform = parse_platform(request.get("platform")) if request.get("platform") else None
    container, texts = engine.container_creator.create(body, request.get("name"), platform)
    return Json({"Id": container.id, "Warnings": texts}, 201)


def show(engine: Engine, request: Request) -> Json:
    """ContainerInspect."""
    container = _container(engine, request)
    return Json(in_order(inspect.as_json(container, engine, size=request.flag("size"))))


def start(engine: Engine, request: Request) -> Empty:
    """ContainerStart."""
    if request.get("detachKeys"):
        detach_keys(request.get("detachKeys"), active=True)
    engine.lifecycle.start(_container(engine, request))
    return Empty()


def _seconds(request: Request) -> int | None:
    return request.number("t") if request.get("t") else None


def stop(engine: Engine, request: Request) -> Empty:
    """ContainerStop."""
    container = _container(engine, request)
    engine.lifecycle.stop(container, _seconds(request), request.get("signal"))
    return Empty()


def restart(engine: Engine, request: Request) -> Empty:
    """ContainerRestart."""
    container = _container(engine, request)
    engine.lifecycle.restart(container, _seconds(request), request.get("signal"))
    return Empty()


def kill(engine: Engine, request: Request) -> Empty:
    """ContainerKill."""
    number = signals.number(request.get("signal") or "KILL")
    name = request.params["name"]
    try:
        engine.lifecycle.kill(engine.container_store.get(name), number)
    except ApiError as fault:
        raise type(fault)(f"Cannot kill container: {name}: {fault}") from fault
    return Empty()


def pause(engine: Engine, request: Request) -> Empty:
    """ContainerPause."""
    engine.lifecycle.pause(_container(engine, request))
    return Empty()


def unpause(engine: Engine, request: Request) -> Empty:
    """ContainerUnpause."""
    engine.lifecycle.unpause(_container(engine, request))
    return Empty()


def rename(engine: Engine, request: Request) -> Empty:
    """ContainerRename."""
    engine.updater.rename(_container(engine, request), request.get("name"))
    return Empty()


def remove(engine: Engine, request: Request) -> Empty:
    """ContainerDelete."""
    if request.flag("link"):
        parent, slash, _ = request.params["name"].strip("/").rpartition("/")
        found = engine.container_store.get(parent if slash else request.params["name"])
        if not slash:
            raise ApiError("Conflict, cannot remove the default link name of the container")
        engine.networks.remove_link(found, request.params["name"])
        return Empty()
    container = _container(engine, request)
    engine.removal.remove(container, force=request.flag("force"), volumes=request.flag("v"))
    return Empty()


def wait(engine: Engine, request: Request) -> Stream:
    """ContainerWait: the head of the answer comes at once, the body at the end."""
    look = engine.monitor.wait(_container(engine, request), request.get("condition"))

    def pieces() -> Iterator[bytes]:
        while (found := look()) is None:
            yield b""
        yield encoded(found) + b"\n"

    return Stream(pieces())


def update(engine: Engine, request: Request) -> Json:
    """ContainerUpdate."""
    found = engine.updater.update(_container(engine, request), request.json())
    return Json({"Warnings": found or None})


def resize(engine: Engine, request: Request) -> Empty:
    """ContainerResize."""
    container = _container(engine, request)
    height, width = request.number("h"), request.number("w")
    if container.process is None:
        raise BadParameter(f"cannot resize a stopped container: {container.id}")
    container.process.resize(height, width)
    attributes = {"height": str(height), "width": str(width)}
    engine.container_events.publish(container, "resize", attributes)
    return Empty(200)


def prune(engine: Engine, request: Request) -> Json:
    """ContainerPrune."""
    return Json(
        prune_containers(
            request.filters(),
            engine.container_store,
            engine.removal,
            engine.storage,
            engine.events,
        )
    )


def diff(engine: Engine, request: Request) -> Json:
    """ContainerChanges."""
    return Json(changes.of(_container(engine, request), engine))


def export(engine: Engine, request: Request) -> Stream:
    """ContainerExport."""
    container = _container(engine, request)
    engine.container_events.publish(container, "export")
    return Stream(archive.export(container, engine), "application/octet-stream")


def archive_get(engine: Engine, request: Request) -> Stream:
    """ContainerArchive."""
    container = _container(engine, request)
    about, pieces = archive.get(container, engine, request.get("path"))
    engine.container_events.publish(container, "archive-path")
    headers = {"X-Docker-Container-Path-Stat": about}
    return Stream(pieces, "application/x-tar", headers=headers)


def archive_head(engine: Engine, request: Request) -> Empty:
    """ContainerArchiveInfo."""
    about = archive.head(_container(engine, request), engine, request.get("path"))
    return Empty(200, {"X-Docker-Container-Path-Stat": about})


def archive_put(engine: Engine, request: Request) -> Empty:
    """PutContainerArchive."""
    container = _container(engine, request)
    archive.put(
        container,
        engine,
        request.get("path"),
        request.body,
        replace_kinds=not request.flag("noOverwriteDirNonDir"),
        to_user=request.flag("copyUIDGID"),
    )
    engine.container_events.publish(container, "extract-to-dir")
    return Empty(200)


def commit(engine: Engine, request: Request) -> Json:
    """ImageCommit."""
    container = engine.container_store.get(request.get("container"))
    body = request.json(required=False)
    name = references.of_new_image(request.get("repo"), request.get("tag"), "commit with")
    config = _committed(container, body)
    apply_changes(cast("RunConfig", config), request.all("changes"))
    paused = request.flag("pause", default=True) and container.process is not None
    if paused and not container.state["Paused"]:
        engine.lifecycle.pause(container)
    else:
        paused = False
    try:
        image = changes.commit(
            container,
            engine,
            config,
            comment=request.get("comment"),
            author=request.get("author"),
        )
        attributes = {"comment": request.get("comment"), "imageID": image.id}
        if name is not None:
            engine.images.tag(image, name)
            attributes["imageRef"] = name.familiar
        engine.container_events.publish(container, "commit", attributes)
    finally:
        if paused and container.state["Paused"]:
            engine.lifecycle.unpause(container)
    return Json({"Id": image.id}, 201)


def _committed(container: Container, body: dict[str, Any]) -> dict[str, Any]:
    """The new image's Config: what was given, joined with the container's."""
    given = {key: value for key, value in body.items() if value}
    merged: dict[str, Any] = json.loads(json.dumps(container.config))
    for key, value in given.items():
        if key in {"Labels", "ExposedPorts", "Volumes"}:
            merged[key] = {**(merged.get(key) or {}), **value}
        elif key == "Env":
            names = {each.partition("=")[0] for each in value}
            kept = [e for e in merged["Env"] if e.partition("=")[0] not in names]
            merged[key] = [*value, *kept]
        else:
            merged[key] = value
    if "Entrypoint" in given and "Cmd" not in given:
        merged["Cmd"] = None
    merged["Image"] = container.config["Image"]
    return merged


C = "/containers/{name}"
ROUTES = [
    EngineRoute("GET", "/containers/json", listing),
    EngineRoute("POST", "/containers/create", create),
    EngineRoute("POST", "/containers/prune", prune),
    EngineRoute("GET", f"{C}/json", show),
    EngineRoute("GET", f"{C}/logs", logs.answer),
    EngineRoute("GET", f"{C}/top", stats.top),
    EngineRoute("GET", f"{C}/stats", stats.answer),
    EngineRoute("GET", f"{C}/changes", diff),
    EngineRoute("GET", f"{C}/export", export),
    EngineRoute("GET", f"{C}/attach/ws", websocket.answer),
    EngineRoute("HEAD", f"{C}/archive", archive_head),
    EngineRoute("GET", f"{C}/archive", archive_get),
    EngineRoute("PUT", f"{C}/archive", archive_put),
    EngineRoute("POST", f"{C}/start", start),
    EngineRoute("POST", f"{C}/stop", stop),
    EngineRoute("POST", f"{C}/restart", restart),
    EngineRoute("POST", f"{C}/kill", kill),
    EngineRoute("POST", f"{C}/pause", pause),
    EngineRoute("POST", f"{C}/unpause", unpause),
    EngineRoute("POST", f"{C}/rename", rename),
    EngineRoute("POST", f"{C}/wait", wait),
    EngineRoute("POST", f"{C}/update", update),
    EngineRoute("POST", f"{C}/resize", resize),
    EngineRoute("POST", f"{C}/attach", attach.answer),
    EngineRoute("DELETE", "/containers/{name:.*}", remove),
    EngineRoute("POST", f"{C}/exec", execs.create),
    EngineRoute("POST", "/exec/{id}/start", execs.start),
    EngineRoute("POST", "/exec/{id}/resize", execs.resize),
    EngineRoute("GET", "/exec/{id}/json", execs.inspect),
    EngineRoute("POST", "/commit", commit),
]
