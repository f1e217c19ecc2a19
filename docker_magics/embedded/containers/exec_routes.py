"""Execs over the API. source: Engine API, "Exec"."""

from __future__ import annotations

from typing import Any

from ..api.messages import Empty, Hijack, Json, Request, Response
from ..api.router import Route
from ..errors import BadParameter
from ..records.container import Container
from .attach import detach_keys
from .exec import ExecConfig
from .execs import Execs, check_active
from .store import ContainerStore
from .stream_routes import stream_type


class ExecRoutes:
    """Answers requests about execs.

    Args:
        store: the containers.
        execs: the execs.
    """

    def __init__(self, store: ContainerStore, execs: Execs) -> None:
        self._store = store
        self._execs = execs

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/containers/{name}/exec", self.create_exec),
            Route("POST", "/exec/{id}/start", self.start_exec),
            Route("POST", "/exec/{id}/resize", self.resize_exec),
            Route("GET", "/exec/{id}/json", self.inspect_exec),
        ]

    def create_exec(self, request: Request) -> Json:
        """ContainerExec."""
        name = request.params["name"]
        container = self._store.get(name)
        config = exec_config(container, request.json("container.ExecOptions"))
        check_active(container, name)
        if config["DetachKeys"]:
            detach_keys(config["DetachKeys"], active=True, kind="escape")
        return Json({"Id": self._execs.create(container, config).id}, 201)

    def start_exec(self, request: Request) -> Response:
        """ExecStart."""
        exec_ = self._execs.get(request.params["id"])
        body = request.json("container.ExecStartOptions", required=False)
        self._execs.claim(exec_)
        if exec_.config["Tty"] and body.get("ConsoleSize") and request.version >= (1, 42):
            exec_.config["ConsoleSize"] = body["ConsoleSize"]
        if body.get("Detach"):
            self._execs.run(exec_, self._execs.prepare(exec_))
            return Empty(200)
        framed = not body.get("Tty")
        return Hijack(
            lambda raw: self._execs.run_attached(exec_, raw, framed=framed),
            content_type=stream_type(request, framed=framed),
        )

    def resize_exec(self, request: Request) -> Empty:
        """ExecResize."""
        exec_ = self._execs.get(request.params["id"])
        self._execs.resize(exec_, request.number("h"), request.number("w"))
        return Empty(200)

    def inspect_exec(self, request: Request) -> Json:
        """ExecInspect."""
        return Json(self._execs.get(request.params["id"]).as_json())


def exec_config(container: Container, body: dict[str, Any]) -> ExecConfig:
    """Return what a ContainerExec asks for; user and working directory default to the container's.

    Raises:
        BadParameter: no command.
    """
    command = body.get("Cmd") or []
    if not command:
        raise BadParameter("No exec command specified")
    return {
        "Cmd": command,
        "Tty": bool(body.get("Tty")),
        "User": body.get("User") or container.config["User"],
        "Privileged": bool(body.get("Privileged")),
        "Env": body.get("Env") or [],
        "WorkingDir": body.get("WorkingDir") or container.config["WorkingDir"],
        "DetachKeys": body.get("DetachKeys") or "",
        "ConsoleSize": body.get("ConsoleSize"),
        "AttachStdin": bool(body.get("AttachStdin")),
        "AttachStdout": bool(body.get("AttachStdout")),
        "AttachStderr": bool(body.get("AttachStderr")),
    }
