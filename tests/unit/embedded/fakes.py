"""Fakes of the engine's protocols, and containers without an engine."""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from docker_magics.embedded.errors import NotFound
from docker_magics.embedded.records import defaults
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.records.state import new_state


class FakeEvents:
    """An `EventSink`: a list of (kind, action, actor, attributes)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str, dict[str, str]]] = []

    def publish(
        self, kind: str, action: str, actor: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        self.events.append((kind, action, actor, dict(attributes or {})))

    def actions(self, kind: str) -> list[str]:
        """Return the actions on objects of a kind, in their order."""
        return [event[1] for event in self.events if event[0] == kind]


class FakeContainers:
    """A `ContainerLookup` over a list, the newest first."""

    def __init__(self, *containers: Container) -> None:
        self.containers = list(containers)

    def all(self) -> list[Container]:
        return list(self.containers)

    def get(self, text: str) -> Container:
        for container in self.containers:
            if text.removeprefix("/") in {container.name, container.id}:
                return container
        raise NotFound(f"No such container: {text}")

    def using_image(self, image_id: str) -> list[Container]:
        return [used for used in self.containers if image_id in used.image_ids]


def container(
    folder: Path,
    name: str = "web",
    *,
    pid: int = 0,
    config: Mapping[str, Any] | None = None,
    host_config: Mapping[str, Any] | None = None,
    **record: Any,
) -> Container:
    """Return a container with default settings.

    Args:
        folder: the parent of its folder.
        name: its name; its ID and host name start with it in hexadecimal.
        pid: the PID of its process; 0 if it is not running.
        config: fields that differ from the defaults.
        host_config: fields that differ from the defaults.
        record: other fields of its record.
    """
    identity = name.encode().hex().ljust(64, "0")[:64]
    fields = {
        "Id": identity,
        "Name": name,
        "Created": "2026-01-01T00:00:00Z",
        "Image": "sha256:" + "1" * 64,
        "Path": "sh",
        "Args": [],
        "Config": {
            **copy.deepcopy(defaults.CONFIG),
            "Hostname": identity[:12],
            "Env": [],
            **(config or {}),
        },
        "HostConfig": copy.deepcopy(defaults.HOST_CONFIG) | dict(host_config or {}),
        "State": new_state(),
        "Networks": {},
        "Mounts": [],
        "Layers": [],
        "RestartCount": 0,
        "RestartDelay": 0.0,
        "HasHostname": False,
        "ManuallyStopped": False,
    }
    made = Container(folder / identity, fields | record)
    made.folder.mkdir(parents=True, exist_ok=True)
    if pid:
        start(made, pid)
    return made


def start(made: Container, pid: int = 100) -> None:
    """Mark a container as running."""
    made.process = SimpleNamespace(pid=pid)  # type: ignore[assignment]
    made.state.update(Running=True, Pid=pid, StartedAt="2026-01-01T00:00:01Z")


def make_deep(folder: Path, depth: int, name: str = "d") -> None:
    """Make folders in each other, whose path may be longer than the kernel takes."""
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)


def open_below(*folders: Path | str) -> list[str]:
    """Return what this process has open at or below the folders.

    Other tests of the process may open and close files of theirs meanwhile.
    """
    opened = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            opened.append(str(path.readlink()))
    return [path for path in opened if path.startswith(tuple(map(str, folders)))]
