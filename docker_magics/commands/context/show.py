"""docker context show: print the current context's name."""

from __future__ import annotations

import os

from docker_magics.cli.command import Command
from docker_magics.engine.cli_config import CliConfig
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class ContextShow(Command):
    """Print the name of the current context"""

    usage = ""

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - the engine is not used
        """Return the name.

        source: docker/cli, cli/command/context/show.go.
        """
        return Text(current_name())


def current_name() -> str:
    """Return the current context; `default` if DOCKER_HOST is set."""
    if os.environ.get("DOCKER_HOST"):
        return "default"
    return os.environ.get("DOCKER_CONTEXT") or CliConfig().current_context()
