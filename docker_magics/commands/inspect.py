"""docker inspect: details of objects of any type."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.errors import ApiError, EngineError, NotFound, UsageError
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

#: Object type -> API path, in lookup order; swarm objects are looked up on managers only.
_PATHS = {
    "container": ("containers", "{}", "json"),
    "image": ("images", "{}", "json"),
    "network": ("networks", "{}"),
    "volume": ("volumes", "{}"),
    "service": ("services", "{}"),
    "task": ("tasks", "{}"),
    "node": ("nodes", "{}"),
    "plugin": ("plugins", "{}", "json"),
    "secret": ("secrets", "{}"),
    "config": ("configs", "{}"),
}
_SWARM = {"service", "task", "node", "secret", "config"}
TYPES = tuple(sorted(_PATHS))


class Inspect(Command):
    """Return low-level information on Docker objects"""

    usage = "[OPTIONS] NAME|ID [NAME|ID...]"

    format: str = _flags.format_of_object()
    size: bool = flag("-s, --size", "Display total file sizes if the type is container")
    type: str | None = flag("--type string", "Only inspect objects of the given type", default=None)
    names: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each object.

        source: docker/cli, cli/command/system/inspect.go.
        """
        if self.type is not None and self.type not in _PATHS:
            one_of = '", "'.join(TYPES)
            problem = f'unknown type: "{self.type}"' if self.type else "type is empty"
            raise UsageError(f'{problem}: must be one of "{one_of}"')
        return inspect(self.names, self.format, lambda name: self._look_up(engine, name))

    def _look_up(self, engine: Engine, name: str) -> dict[str, Any]:
        if self.type:
            return self._get(engine, self.type, name)
        manager: bool | None = None
        for kind in _PATHS:
            if kind in _SWARM:
                manager = _is_manager(engine) if manager is None else manager
                if not manager:
                    continue
            try:
                return self._get(engine, kind, name)
            except ApiError as error:
                if not _is_missing(error):
                    raise
        raise EngineError(f"error: no such object: {name}")

    def _get(self, engine: Engine, kind: str, name: str) -> dict[str, Any]:
        query: dict[str, Any] = {"size": self.size} if kind == "container" else {}
        if kind == "service":
            query["insertDefaults"] = True
        details: dict[str, Any] = engine.get(
            path(*(part.format(name) for part in _PATHS[kind])), query
        )
        return details


def _is_missing(error: ApiError) -> bool:
    return isinstance(error, NotFound) or any(
        reason in error.explanation for reason in ("not supported", "invalid reference format")
    )


def _is_manager(engine: Engine) -> bool:
    swarm = engine.get("/info").get("Swarm") or {}
    return bool(swarm.get("ControlAvailable"))
