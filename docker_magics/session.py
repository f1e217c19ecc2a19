"""The session that cells, scripts and widgets share: runs command lines against its engines."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli import global_options
from docker_magics.cli.command import Command
from docker_magics.cli.help import Unrequested
from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import UsageError
from docker_magics.results.show import Silent, View, consume
from docker_magics.results.text import Text, Usage

if TYPE_CHECKING:
    from docker_magics.cli.global_options import GlobalOptions
    from docker_magics.engine.client import Engine


#: The command whose line is not run, not even its `$(docker ...)`.
_EXPLAIN = "explain"


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables of the process for a while; other threads see them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class Session:
    """Runs docker command lines.

    Attributes:
        engines: the engines in use, by the global options that select them (`--context`, `-H`).
        labels: the labels of all objects that this session creates (`docker session start`).
    """

    def __init__(self, engines: Mapping[GlobalOptions, Engine] | None = None) -> None:
        self.engines = dict(engines or {})
        self.labels: dict[str, str] = {}

    def run(
        self,
        line: str,
        *,
        namespace: Mapping[str, Any] | None = None,
        terminal: Terminal | None = None,
        view: View | None = None,
        **fields: Any,
    ) -> Any:
        """Run one line and return its result; a live result is shown in `view` while it arrives.

        Args:
            line: the command line, with or without the word docker; with environment variables in
                front of that: `DOCKER_BUILDKIT=0 docker build .`.
            namespace: the variables of `$name` and `{expression}`; None leaves braces as typed.
            terminal: the caller's standard input, and how to ask questions.
            view: shows live results.
            **fields: values of command fields that are not flags.

        Raises:
            DockerMagicsError: the command failed; the message is one line.
        """
        from docker_magics.cli.pasted import split_variables, without_prompt
        from docker_magics.cli.words import split

        substitute = functools.partial(self._output, namespace=namespace)
        variables, line = split_variables(line)
        assignments = split(variables, namespace, substitute)
        line = without_prompt(line)
        args = split(line, namespace, None if _is_explained(line) else substitute)
        with _environment(dict(text.partition("=")[::2] for text in assignments)):
            return self.run_args(args, terminal=terminal, view=view, **fields)

    def run_args(
        self,
        args: list[str],
        *,
        terminal: Terminal | None = None,
        view: View | None = None,
        **fields: Any,
    ) -> Any:
        """Run a line that is already split into arguments."""
        command, options = self.parse(args, terminal=terminal, **fields)
        if terminal and (problem := options.config_problem()):
            terminal.notify(f"WARNING: Error loading config file: {problem}")
        if not isinstance(command, Command):
            return command
        return self.execute(command, options, view=view)

    def parse(
        self, args: list[str], *, terminal: Terminal | None = None, **fields: Any
    ) -> tuple[Command | Text, GlobalOptions]:
        """Return the command object of a line, or its help page; and the global options."""
        options, args = global_options.parse(args)
        command = parse_command(args, options, terminal=terminal, **fields)
        return (_page(command) if isinstance(command, str) else command), options

    def execute(
        self, command: Command, options: GlobalOptions | None = None, *, view: View | None = None
    ) -> Any:
        """Run a command object and read a live result to its end."""
        return consume(command.run(self.engine(options)), view or Silent())

    def is_ready(self, args: Sequence[str]) -> bool:
        """Whether a line runs without starting the embedded engine."""
        from docker_magics.engine.discover import answers

        options, _ = global_options.parse(args)
        return self.engine(options).is_located or answers(options.address(start=False))

    def engine(self, options: GlobalOptions | None = None) -> Engine:
        """Return the engine that the options select, created at its first use.

        Without options it is the engine of a line that has none.
        """
        options = options or global_options.parse([])[0]
        if options not in self.engines:
            from docker_magics.engine.client import Engine

            self.engines[options] = Engine(options.address, labels=self.labels)
        return self.engines[options]

    def _output(self, line: str, namespace: Mapping[str, Any] | None) -> str:
        """Return the replacement of `$(docker LINE)`."""
        result = self.run(line, namespace=namespace)
        if isinstance(result, list) and all(isinstance(line, str) for line in result):
            return "\n".join(result)
        if isinstance(result, str):
            return result
        raise UsageError(f"$(docker {line}) produced no text output; use -q or --format")


def _page(page: str) -> Text:
    return Usage(page) if isinstance(page, Unrequested) else Text(page)


def _is_explained(line: str) -> bool:
    from docker_magics.cli.words import as_typed

    return _EXPLAIN in line and global_options.parse(list(as_typed(line)))[1][:1] == [_EXPLAIN]


@functools.cache
def shared() -> Session:
    """Return the session of this Python process: of its cells, and of `docker_magics.docker`."""
    return Session()
