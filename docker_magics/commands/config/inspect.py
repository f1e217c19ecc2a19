"""docker config inspect: details of configs."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._swarm_data import inspect_data
from docker_magics.engine.client import Engine
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class ConfigInspect(Command):
    """Display detailed information on one or more configs"""

    usage = "[OPTIONS] CONFIG [CONFIG...]"

    format: str = _flags.format_of_object()
    pretty: bool = flag("--pretty", "Print the information in a human friendly format")
    configs: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each config.

        source: Engine API, ConfigInspect.
        """
        return inspect_data(engine, "configs", self.configs, form=self.format, readable=self.pretty)
