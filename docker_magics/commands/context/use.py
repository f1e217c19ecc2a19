"""docker context use: set the current context."""

from __future__ import annotations

import os

from docker_magics.cli.command import Command, operand
from docker_magics.engine.cli_config import DEFAULT_CONTEXT
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.results.text import Text


class ContextUse(Command):
    """Set the default docker context"""

    usage = "CONTEXT"

    context: str = operand()

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - the engine is not used
        """Return the context's name.

        source: docker/cli, cli/command/context/use.go.
        """
        ContextStore().use(self.context)
        self.terminal.notify(f'Current context is now "{self.context}"')
        if self.context != DEFAULT_CONTEXT and os.environ.get("DOCKER_HOST"):
            self.terminal.notify(
                "Warning: DOCKER_HOST environment variable overrides the active context. To use"
                f' "{self.context}", either set the global --context flag, or unset DOCKER_HOST'
                " environment variable."
            )
        return Text(self.context)
