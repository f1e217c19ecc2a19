"""docker stack config: print the Compose file of a stack as it is deployed."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from ._model import compose_config


class StackConfig(Command):
    """Outputs the final config file, after doing merges and interpolations"""

    compose_file: list[str] = flag(
        "-c, --compose-file strings", 'Path to a Compose file, or "-" to read from stdin'
    )
    skip_interpolation: bool = flag(
        "--skip-interpolation", "Skip interpolation and output only merged config"
    )

    def run(self, engine: Engine) -> Text:
        """Return the merged files as YAML, in the form of Docker Compose.

        Raises:
            ComposeFailed: a file is invalid.
        """
        options = ["--no-interpolate"] * self.skip_interpolation
        return Text(compose_config(engine, self.terminal, self.compose_file, *options))
