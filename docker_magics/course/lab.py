"""Read access to the engine for checks: its state, not the commands that led to it."""

from __future__ import annotations

import re
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError
from docker_magics.session import shared

if TYPE_CHECKING:
    from docker_magics.results.text import Output

#: The label of the containers that a check runs.
CHECK = "docker_magics.check"
#: The number of SIGKILL, as events name it.
_SIGKILL = "9"
_POLL_S = 0.05
#: Maximum seconds to wait for a container that prints something and ends.
_MOMENT_S = 2.0


class Lab:
    """Looks up objects by name; returns the Engine API's JSON, or None if they do not exist."""

    @property
    def engine(self) -> Engine:
        """The engine that cells use."""
        return shared().engine()

    def docker(self, line: str, **names: Any) -> Any:
        """Run a docker command line, as `docker_magics.docker` does, and return its result."""
        return shared().run(line, namespace=names)

    def container(self, name: str) -> dict[str, Any] | None:
        """Return a container in any state.

        source: Engine API, ContainerInspect.
        """
        return self._inspect_or_none("containers", name, "json")

    def containers(self, **filters: str) -> list[dict[str, Any]]:
        """Return all containers, including exited ones: `containers(ancestor="redis")`.

        source: Engine API, ContainerList.
        """
        query = {"all": True, "filters": {key: [value] for key, value in filters.items()}}
        containers: list[dict[str, Any]] = self.engine.get("/containers/json", query)
        return containers

    def image(self, name: str) -> dict[str, Any] | None:
        """Return an image.

        source: Engine API, ImageInspect.
        """
        return self._inspect_or_none("images", name, "json")

    def made_from(self, container: dict[str, Any], image: str) -> bool:
        """Whether a container was created from an image, by its name or its ID."""
        name: str = container["Config"]["Image"]
        if name in {image, f"{image}:latest", f"docker.io/library/{image}"}:
            return True
        inspected = self.image(image)
        return inspected is not None and container["Image"] == inspected["Id"]

    def build(self, image: str, dockerfile: str, context: Path) -> None:
        """Build an image."""
        shared().run(
            "build -q -t {image} {context}",
            namespace={"image": image, "context": context},
            dockerfile=dockerfile.encode(),
        )

    def volume(self, name: str) -> dict[str, Any] | None:
        """Return a volume.

        source: Engine API, VolumeInspect.
        """
        return self._inspect_or_none("volumes", name)

    def network(self, name: str) -> dict[str, Any] | None:
        """Return a network.

        source: Engine API, NetworkInspect.
        """
        return self._inspect_or_none("networks", name)

    def logs(self, name: str) -> str:
        """Return a container's output, stdout before stderr; "" if it does not exist."""
        if self.container(name) is None:
            return ""
        output: Output = self.docker("logs {name}", name=name)
        return output.bytes.decode(errors="replace") + output.stderr

    def final_logs(self, name: str) -> str:
        """Return a container's output once it has ended, or after a moment."""
        self.wait(name, _MOMENT_S)
        return self.logs(name)

    def uptime_s(self, container: dict[str, Any]) -> float:
        """Return for how many seconds a running container has run.

        source: Engine API, SystemInfo.
        """
        now, started = self.engine.get("/info")["SystemTime"], container["State"]["StartedAt"]
        return (datetime.fromisoformat(now) - datetime.fromisoformat(started)).total_seconds()

    def wait(self, name: str, timeout_s: float) -> None:
        """Wait until a container does not run, for at most so many seconds."""
        deadline = time.monotonic() + timeout_s
        while is_running(self.container(name)) and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def changed(self, name: str) -> list[str]:
        """Return the paths that a container added, changed or deleted; [] if it does not exist.

        source: Engine API, ContainerChanges.
        """
        if self.container(name) is None:
            return []
        changes = self.engine.get(path("containers", name, "changes")) or []
        return [change["Path"] for change in changes]

    def file(self, name: str, path: str) -> str | None:
        """Return a file of a container, running or not; None if it does not exist."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "file")
            try:
                self.docker("cp {source} {target}", source=f"{name}:{path}", target=target)
            except (NotFound, UsageError):
                return None
            return target.read_text(errors="replace") if target.is_file() else None

    def previous_names(self, container: dict[str, Any]) -> list[str] | None:
        """Return the names that a container had, oldest first.

        The engine remembers only its last events: None if the container's are forgotten.

        source: Engine API, SystemEvents.
        """
        events = self._events(container=container["Id"])
        names = [
            str(event["ATTRIBUTES"].get("oldName", "")).removeprefix("/")
            for event in events
            if event["ACTION"] == "rename"
        ]
        is_known = any(event["ACTION"] == "create" for event in events)
        return names if names or is_known else None

    def was_asked_to_end(self, container: dict[str, Any]) -> bool:
        """Whether a container got another signal than SIGKILL since it was last started.

        `docker stop` sends SIGTERM first, `docker stop -s KILL` does not. The engine remembers
        only its last events.

        source: Engine API, SystemEvents.
        """
        signals: list[str] = []
        for event in self._events(container=container["Id"]):
            match event["ACTION"]:
                case "start":
                    signals.clear()
                case "kill":
                    signals.append(event["ATTRIBUTES"]["signal"])
        return any(signal != _SIGKILL for signal in signals)

    def was_committed(self, image: dict[str, Any]) -> bool:
        """Whether `docker commit` made an image, as far as the engine remembers.

        source: Engine API, SystemEvents.
        """
        commits = self._events(event="commit")
        return any(event["ATTRIBUTES"].get("imageID") == image["Id"] for event in commits)

    def _events(self, **filters: str) -> list[dict[str, Any]]:
        """Return the events that the engine remembers, oldest first: `_events(container=ID)`."""
        options = [f"--filter={key}={value}" for key, value in filters.items()]
        events = self.docker(
            "events --since 1 --until {now} {options}", now=f"{time.time():.9f}", options=options
        )
        rows: list[dict[str, Any]] = events.to_dict("records")
        return rows

    def exec_output(self, name: str, *command: str) -> str:
        """Run a command in a container; return its stdout, "" if the container does not run."""
        if not is_running(self.container(name)):
            return ""
        output: Output = self.docker("exec {name} {command}", name=name, command=list(command))
        return str(output)

    def warnings(self) -> list[str]:
        """Return the engine's warnings about missing isolation and resource limits.

        source: Engine API, SystemInfo.
        """
        warnings = self.engine.get("/info").get("Warnings") or []
        kept = [
            warning
            for warning in warnings
            if re.search("(?i)isolation|limit|memory|cpu|swap", warning)
        ]
        return [warning.removeprefix("WARNING: ") for warning in kept]

    def _inspect_or_none(self, *parts: str) -> dict[str, Any] | None:
        try:
            resource: dict[str, Any] = self.engine.get(path(*parts))
        except (NotFound, UsageError):
            return None
        return resource


def is_running(container: dict[str, Any] | None) -> bool:
    """Whether the container exists and runs; a paused one does not."""
    if container is None:
        return False
    state = container["State"]
    return bool(state["Running"]) and not state.get("Paused")
