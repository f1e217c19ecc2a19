"""docker network inspect: details of networks."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class NetworkInspect(Command):
    """Display detailed information on one or more networks"""

    usage = "[OPTIONS] NETWORK [NETWORK...]"

    format: str = _flags.format_of_object()
    verbose: bool = flag("-v, --verbose", "Verbose output for diagnostics")
    networks: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each network.

        source: Engine API, NetworkInspect.
        """
        query = {"verbose": "true" if self.verbose else ""}
        return inspect(
            self.networks, self.format, lambda name: engine.get(path("networks", name), query)
        )
