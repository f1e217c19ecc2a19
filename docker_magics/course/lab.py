"""Read access to the engine for checks: its state, not the commands that led to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError
from docker_magics.session import shared

from .language import Phrase

if TYPE_CHECKING:
    from docker_magics.results.text import Output


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

    def changed(self, name: str) -> list[str]:
        """Return the paths that a container added, changed or deleted; [] if it does not exist.

        source: Engine API, ContainerChanges.
        """
        if self.container(name) is None:
            return []
        changes = self.engine.get(path("containers", name, "changes")) or []
        return [change["Path"] for change in changes]

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
    """Whether the container exists and runs."""
    return container is not None and bool(container["State"]["Running"])


def made_from(container: dict[str, Any], image: str) -> bool:
    """Whether a container was created from an image of this name, with any tag."""
    name: str = container["Config"]["Image"]
    return name.partition(":")[0].rpartition("/")[2] == image


def no_container(name: str) -> Phrase:
    """Return the phrase for a container that does not exist."""
    return Phrase(f"there is no container named `{name}`", f"`{name}`(이)라는 컨테이너가 없어요")


def not_running(name: str) -> Phrase:
    """Return the phrase for a container that does not run."""
    return Phrase(f"`{name}` is not running", f"`{name}` 컨테이너가 실행 중이 아니에요")
