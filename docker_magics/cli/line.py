"""A line's words, from the command on, as a command object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import help as help_
from . import index
from .command import Command
from .global_options import GlobalOptions
from .terminal import Terminal


def parse_command(
    words: Sequence[str],
    options: GlobalOptions | None = None,
    *,
    terminal: Terminal | None = None,
    **fields: Any,
) -> Command | str:
    """The command object, or the page of help that is asked for.

    Args:
        words: what follows docker's global options.
        options: those options.
        terminal: who runs it.
        **fields: values of the command's fields that are no flags.

    Raises:
        UsageError: no such command, a wrong flag, too few or too many operands.
    """
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    if page := help_.asked_for(options or GlobalOptions(), words):
        return page
    verb, rest = index.resolve(words)
    spelling = " ".join(words[: len(words) - len(rest)])
    command = verb.parse(rest, terminal=terminal, spelling=spelling, **fields)
    return command or help_.command_help(verb)
