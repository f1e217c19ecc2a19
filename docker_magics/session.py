"""One line after another against one engine: what a cell, a script and a widget share."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from docker_magics.cli import global_options
from docker_magics.cli.command import Command
from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.cli.words import split
from docker_magics.errors import UsageError
from docker_magics.results.show import Silent, View, consume
from docker_magics.results.text import Text

if TYPE_CHECKING:
    from docker_magics.cli.global_options import GlobalOptions
    from docker_magics.engine.client import Engine


#: The command that runs nothing of its line, not even `$(docker ...)`.
_EXPLAIN = "explain"


@dataclass
class Session:
    """Runs docker command lines.

    Attributes:
        engines: the engines in use, by the global options that chose them (`--context`, `-H`).
        labels: what everything that is made here carries (`docker session start`).
    """

    engines: dict[GlobalOptions, Engine] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        line: str,
        *,
        namespace: Mapping[str, Any] | None = None,
        terminal: Terminal | None = None,
        view: View | None = None,
        **fields: Any,
    ) -> Any:
        """Run one line and give its result; live ones are shown in `view` while they arrive.

        Args:
            line: the command line, with or without the word docker.
            namespace: where `{expressions}` look names up.
            terminal: who runs it: standard input, questions.
            view: where live results are shown.
            **fields: values of the command's fields that are no flags.

        Raises:
            DockerMagicsError: what went wrong, in one line.
        """
        substitute = functools.partial(self._output, namespace=namespace)
        words = split(line, namespace, None if _is_explained(line) else substitute)
        return self.run_words(words, terminal=terminal, view=view, **fields)

    def run_words(
        self,
        words: list[str],
        *,
        terminal: Terminal | None = None,
        view: View | None = None,
        **fields: Any,
    ) -> Any:
        """The same for words that are split already."""
        command, options = self.parse(words, terminal=terminal, **fields)
        if not isinstance(command, Command):
            return command
        return self.execute(command, options, view=view)

    def parse(
        self, words: list[str], *, terminal: Terminal | None = None, **fields: Any
    ) -> tuple[Command | Text, GlobalOptions]:
        """The command object of a line, or its help."""
        options, words = global_options.parse(words)
        command = parse_command(words, options, terminal=terminal, **fields)
        return (Text(command) if isinstance(command, str) else command), options

    def execute(
        self, command: Command, options: GlobalOptions | None = None, *, view: View | None = None
    ) -> Any:
        """Run a command object; a live result is read to its end."""
        return consume(command.run(self.engine(options)), view or Silent())

    def engine(self, options: GlobalOptions | None = None) -> Engine:
        """The engine that the options choose, made at its first use."""
        options = options or global_options.GlobalOptions()
        if options not in self.engines:
            from docker_magics.engine.client import Engine

            self.engines[options] = Engine(options.address, labels=self.labels)
        return self.engines[options]

    def _output(self, line: str, namespace: Mapping[str, Any] | None) -> str:
        """What `$(docker LINE)` stands for."""
        result = self.run(line, namespace=namespace)
        if isinstance(result, list) and all(isinstance(each, str) for each in result):
            return "\n".join(result)
        if isinstance(result, str):
            return result
        raise UsageError(f"$(docker {line}) gives no words; add -q or --format")


def _is_explained(line: str) -> bool:
    return _EXPLAIN in line and global_options.parse(split(line))[1][:1] == [_EXPLAIN]


@functools.cache
def shared() -> Session:
    """The session of this Python process: of its cells, and of `docker_magics.docker`."""
    return Session()
