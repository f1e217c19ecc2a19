"""docker context create: store an engine's address under a name."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._endpoint import description_flag, endpoint, endpoint_flag, endpoint_help, existing


class ContextCreate(Command):
    """Create a context"""

    usage = "[OPTIONS] CONTEXT"
    long = endpoint_help("create")

    description: str = description_flag()
    docker: list[str] = endpoint_flag()
    from_: str = flag("--from string", "create context from a named context")
    context: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the new context's name.

        source: docker/cli, cli/command/context/create.go.
        """
        store = ContextStore()
        store.check_new(self.context)
        if self.docker and self.from_:
            raise UsageError("cannot use --docker flag when --from is set")
        if self.docker:
            docker_endpoint, keys = endpoint(store, self.docker, engine)
            metadata: dict[str, Any] = {"Metadata": {}, "Endpoints": {"docker": docker_endpoint}}
        else:
            metadata, keys = existing(store, self.from_ or store.config.current_context(), engine)
        if self.description:
            metadata.setdefault("Metadata", {})["Description"] = self.description
        store.write(self.context, metadata, keys)
        self.terminal.notify(f'Successfully created context "{self.context}"')
        return Text(self.context)
