"""docker context rm: remove contexts."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.engine.cli_config import DEFAULT_CONTEXT
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines


class ContextRm(Command):
    """Remove one or more contexts"""

    usage = "CONTEXT [CONTEXT...]"
    aliases = ("context remove",)

    force: bool = flag("-f, --force", "Force the removal of a context in use")
    contexts: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:  # noqa: ARG002 - the engine is not used
        """Return the names of the removed contexts.

        source: docker/cli, cli/command/context/remove.go.
        """
        store = ContextStore()
        removed = Lines()
        problems = []
        for name in self.contexts:
            if problem := self._problem(store, name):
                problems.append(problem)
                continue
            if name == store.config.current_context():
                store.use(DEFAULT_CONTEXT)
            store.remove(name)
            removed.append(name)
        if problems:
            raise UsageError("\n".join(problems), result=removed)
        return removed

    def _problem(self, store: ContextStore, name: str) -> str | None:
        """Return why a context cannot be removed, or None."""
        if name == DEFAULT_CONTEXT or name in store.built_in:
            return f'context "{name}" cannot be removed'
        if not self.force and name not in store.names():
            return f'context "{name}" does not exist'
        if not self.force and name == store.config.current_context():
            return f'context "{name}" is in use, set -f flag to force remove'
        return None
