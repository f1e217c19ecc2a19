"""docker inspect: all that the engine knows of anything, whatever kind it is of."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.errors import ApiError, EngineError, NotFound, UsageError
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

#: In the order in which a name is looked for; swarm's objects are asked of managers alone.
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
        """A dict for each object.

        source: docker/cli, cli/command/system/inspect.go.
        """
        if self.type is not None and self.type not in _PATHS:
            one_of = '", "'.join(TYPES)
            what = f'unknown type: "{self.type}"' if self.type else "type is empty"
            raise UsageError(f'{what}: must be one of "{one_of}"')
        return inspect(self.names, self.format, lambda name: self._look_up(engine, name))

    def _look_up(self, engine: Engine, name: str) -> dict[str, Any]:
        if self.type:
            return self._one(engine, self.type, name)
        manager: bool | None = None
        for kind in _PATHS:
            if kind in _SWARM:
                manager = _is_manager(engine) if manager is None else manager
                if not manager:
                    continue
            try:
                return self._one(engine, kind, name)
            except ApiError as error:
                if not _means_no_such(error):
                    raise
        raise EngineError(f"Error: No such object: {name}")

    def _one(self, engine: Engine, kind: str, name: str) -> dict[str, Any]:
        query: dict[str, Any] = {"size": self.size} if kind == "container" else {}
        if kind == "service":
            query["insertDefaults"] = "true"
        found: dict[str, Any] = engine.get(
            path(*(part.format(name) for part in _PATHS[kind])), query
        )
        return found


def _means_no_such(error: ApiError) -> bool:
    return isinstance(error, NotFound) or any(
        words in error.explanation for words in ("not supported", "invalid reference format")
    )


def _is_manager(engine: Engine) -> bool:
    swarm = engine.get("/info").get("Swarm") or {}
    return bool(swarm.get("ControlAvailable"))
