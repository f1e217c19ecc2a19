"""The engine as a check looks at it: what is there, never how it came there."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError
from docker_magics.session import Session

if TYPE_CHECKING:
    from docker_magics.results.text import Output


class Lab:
    """Looks things up by name: each is the Engine API's object, or None where there is none."""

    def __init__(self, session: Session | None = None) -> None:
        self._session = session or Session()

    @property
    def engine(self) -> Engine:
        """The engine that cells talk to."""
        return self._session.engine()

    def docker(self, line: str, **names: Any) -> Any:
        """A docker command line's result, as `docker_magics.docker` gives it."""
        return self._session.run(line, namespace=names)

    def container(self, name: str) -> dict[str, Any] | None:
        """A container, whatever its state.

        source: Engine API, ContainerInspect.
        """
        return self._found("containers", name, "json")

    def containers(self, **filters: str) -> list[dict[str, Any]]:
        """All containers, those that ended too: `containers(ancestor="redis")`.

        source: Engine API, ContainerList.
        """
        query = {"all": True, "filters": {key: [value] for key, value in filters.items()}}
        found: list[dict[str, Any]] = self.engine.get("/containers/json", query)
        return found

    def image(self, name: str) -> dict[str, Any] | None:
        """An image.

        source: Engine API, ImageInspect.
        """
        return self._found("images", name, "json")

    def volume(self, name: str) -> dict[str, Any] | None:
        """A volume.

        source: Engine API, VolumeInspect.
        """
        return self._found("volumes", name)

    def network(self, name: str) -> dict[str, Any] | None:
        """A network.

        source: Engine API, NetworkInspect.
        """
        return self._found("networks", name)

    def logs(self, name: str) -> str:
        """What a container wrote, standard output before standard error; "" where there is none."""
        if self.container(name) is None:
            return ""
        output: Output = self.docker("logs {name}", name=name)
        return f"{output}{output.stderr}"

    def inside(self, name: str, *command: str) -> str:
        """What a command says inside a running container; "" where it runs not."""
        if not is_running(self.container(name)):
            return ""
        output: Output = self.docker("exec {name} {command}", name=name, command=list(command))
        return str(output)

    def warnings(self) -> list[str]:
        """What the engine says that its containers cannot have here: isolation, limits.

        source: Engine API, SystemInfo.
        """
        said = self.engine.get("/info").get("Warnings") or []
        kept = [each for each in said if re.search("(?i)isolation|limit|memory|cpu|swap", each)]
        return [each.removeprefix("WARNING: ") for each in kept]

    def _found(self, *parts: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.engine.get(path(*parts))
        except (NotFound, UsageError):
            return None
        return found

    def close(self) -> None:
        """Close its connections."""
        for engine in self._session.engines.values():
            engine.close()


def is_running(container: dict[str, Any] | None) -> bool:
    """Whether there is such a container and its process runs."""
    return container is not None and bool(container["State"]["Running"])


def wait_until(holds: Any, seconds: float = 5) -> bool:
    """Whether something becomes true soon: what was just started needs its moment."""
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(found)
