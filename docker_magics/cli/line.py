"""From the words of a line to a command object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.errors import UnknownCommand

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
        return _help(args[1:], options)
    return _parse(args, options, terminal, fields)


def _help(topic: Sequence[str], options: GlobalOptions | None) -> Command | str:
    """Return the page of `docker help TOPIC`."""
    try:
        return _parse([*topic, "--help"], options, None, {})
    except UnknownCommand as error:
        error.cli_text = f"unknown help topic: {' '.join(topic)}"
        raise


def _parse(
    args: Sequence[str],
    options: GlobalOptions | None,
    terminal: Terminal | None,
    fields: Mapping[str, Any],
) -> Command | str:
    if page := help_.page_of(options or GlobalOptions(), args):
        return page
    verb, rest = index.resolve(args)
    spelling = " ".join(args[: len(args) - len(rest)])
    command = verb.parse(rest, terminal=terminal, spelling=spelling, **fields)
    return command or help_.command_help(verb, spelling)
