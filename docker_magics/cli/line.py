"""From the words of a line to a command object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import help as help_
from . import index
from .command import Command
from .global_options import GlobalOptions
from .terminal import Terminal


def parse_command(
    args: Sequence[str],
    options: GlobalOptions | None = None,
    *,
    terminal: Terminal | None = None,
    **fields: Any,
) -> Command | str:
    """Return the command object, or the help page that the line asks for.

    Args:
        args: the arguments after docker's global options.
        options: the global options.
        terminal: the caller.
        **fields: values of command fields that are not flags.

    Raises:
        UsageError: the command is unknown, a flag is invalid, or the number of operands is wrong.
    """
    if args[:1] == ["help"]:
        args = [*args[1:], "--help"]
    if page := help_.asked_for(options or GlobalOptions(), args):
        return page
    verb, rest = index.resolve(args)
    spelling = " ".join(args[: len(args) - len(rest)])
    command = verb.parse(rest, terminal=terminal, spelling=spelling, **fields)
    return command or help_.command_help(verb, spelling)
