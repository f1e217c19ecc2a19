"""docker context update: change a context's description or address."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore, check_name
from docker_magics.results.text import Text

from ._endpoint import description_flag, endpoint, endpoint_flag, endpoint_help


class ContextUpdate(Command):
    """Update a context"""

    usage = "[OPTIONS] CONTEXT"
    long = endpoint_help("update")

    description: str = description_flag()
    docker: list[str] = endpoint_flag()
    context: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the context's name.

        source: docker/cli, cli/command/context/update.go.
        """
        store = ContextStore()
        check_name(self.context)
        metadata, keys = store.metadata(self.context), store.tls_files(self.context)
        if self.description:
            metadata.setdefault("Metadata", {})["Description"] = self.description
        if self.docker:
            metadata["Endpoints"]["docker"], keys = endpoint(store, self.docker, engine)
        store.write(self.context, metadata, keys)
        self.terminal.notify(f'Successfully updated context "{self.context}"')
        return Text(self.context)
