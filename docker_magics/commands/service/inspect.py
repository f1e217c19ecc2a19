"""docker service inspect: details of services."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.commands._swarm import is_readable
from docker_magics.commands._tasks import NameResolver
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, NotFound, UsageError
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

from ._pretty import pretty_service


class ServiceInspect(Command):
    """Display detailed information on one or more services"""

    usage = "[OPTIONS] SERVICE [SERVICE...]"

    format: str = _flags.format_of_object()
    pretty: bool = flag("--pretty", "Print the information in a human friendly format")
    services: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each service.

        source: Engine API, ServiceInspect.
        """
        if self.pretty and self.format:
            raise UsageError("--format is incompatible with human friendly format")
        readable = is_readable(self.format, pretty=self.pretty)

        def look_up(name: str) -> dict[str, Any]:
            try:
                service: dict[str, Any] = engine.get(
                    path("services", name), {"insertDefaults": True}
                )
            except NotFound as error:
                raise EngineError(f"no such service: {name}") from error
            return service

        services = inspect(self.services, "" if readable else self.format, look_up)
        if not readable or isinstance(services, Text):
            return services
        names = NameResolver(engine, resolve=True)
        return Text("\n".join(pretty_service(service, names) for service in services))
