"""Help pages as docker prints them, generated from the commands' declarations.

source: docker/cli, cli/cobra.go: usageTemplate; spf13/pflag, flag.go: FlagUsagesWrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docker_magics.version import __version__

from . import index
from .command import ZERO

if TYPE_CHECKING:
    from .command import Command, Flag
    from .global_options import GlobalOptions

#: One less than the terminal's 80 columns; then pflag's limits for wrapping.
_WIDTH = 79
_MIN_WIDTH = 24
_SLOP = 5


class Unrequested(str):
    """A help page that the line does not ask for; the docker CLI writes it to stderr."""

    __slots__ = ()


def page_of(options: GlobalOptions, args: Sequence[str]) -> str | None:
    """Return the help page of a line without a verb, such as `docker container`, else None."""
    if options.version:
        return f"docker_magics version {__version__}"
    make = str if options.help or {"--help", "-h", "help"} & set(args) else Unrequested
    asks = options.help or not args or args[0] in {"--help", "-h"}
    if asks and not [arg for arg in args if not arg.startswith("-")]:
        return make(_overview())
    if group := index.lone_group(args):
        return make(_group(group))
    return None


def command_help(command: type[Command], spelling: str = "") -> str:
    """Return the help page of a command.

    Args:
        command: the command.
        spelling: the name that the line uses; `docker run` has a usage line of its own.
    """
    import inspect

    name = command.command_name()
    spellings = [f"docker {name}", *(f"docker {alias}" for alias in command.aliases)]
    usage = f"Usage:  docker {command.shown_name(spelling)} {command.usage}".rstrip()
    parts = [usage, inspect.cleandoc(command.__doc__ or "")]
    if command.long:
        parts.append(command.long)
    if len(spellings) > 1:
        parts.append("Aliases:\n  " + ", ".join(spellings))
    visible = [flag for flag in command.flags() if not flag.hidden]
    if visible:
        parts.append("Options:\n" + "\n".join(flag_lines(visible)))
    return "\n\n".join(parts) + "\n"


def flag_lines(flags: Sequence[Flag], width: int = _WIDTH) -> list[str]:
    """Return the lines of the options, wrapped as pflag wraps them."""
    heads = [_head(flag) for flag in flags]
    column = max(map(len, heads)) + 3
    lines: list[str] = []
    for flag, head in zip(flags, heads, strict=True):
        text = flag.help + _default(flag)
        lines.append(head.ljust(column) + _wrapped(text, column, width))
    return lines


def _head(flag: Flag) -> str:
    short = f"  -{flag.short}, " if flag.short else "      "
    return f"{short}--{flag.long} {flag.type_name}".rstrip()


def _default(flag: Flag) -> str:
    if flag.default in (None, False, "", 0, ZERO) or "(default" in flag.help:
        return ""
    value = f'"{flag.default}"' if isinstance(flag.default, str) else str(flag.default).lower()
    return f" (default {value})"


def _wrapped(text: str, indent: int, width: int) -> str:
    """Wrap a text that starts at column `indent` to lines of `width`, as pflag does."""
    room = width - indent
    if room < _MIN_WIDTH:
        return text.replace("\n", "\n" + " " * indent)
    lines = []
    rest = text
    while rest:
        line, rest = _first_line(rest, room - _SLOP)
        lines.append(line)
    return "\n".join(lines).replace("\n", "\n" + " " * indent)


def _first_line(text: str, room: int) -> tuple[str, str]:
    """Split a text at the last blank within `room`; a short rest is not wrapped."""
    if room + _SLOP > len(text):
        return text, ""
    blank = max(text.rfind(char, 0, room) for char in " \t\n")
    if blank <= 0:
        return text, ""
    newline = text.rfind("\n", 0, room)
    cut = newline if 0 < newline < blank else blank
    return text[:cut], text[cut + 1 :]


def _overview() -> str:
    groups = "\n".join(f"  {name:<12}{index.purpose(name)}" for name in sorted(index.groups()))
    verbs = {
        name: entry.summary
        for name, entry in sorted(index.spellings().items())
        if " " not in name and name not in index.groups()
    }
    commands = "\n".join(f"  {name:<12}{summary}" for name, summary in verbs.items())
    return (
        "Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\n"
        f"Management Commands:\n{groups}\n\nCommands:\n{commands}\n\n"
        "Run 'docker COMMAND --help' for more information on a command.\n"
    )


def _group(name: str) -> str:
    summaries = {entry.name.split(" ", 1)[1]: entry.summary for entry in index.groups()[name]}
    width = max(12, *(len(verb) + 2 for verb in summaries))
    verbs = "\n".join(f"  {verb:<{width}}{summary}" for verb, summary in summaries.items())
    return (
        f"Usage:  docker {name} COMMAND\n\n{index.purpose(name)}\n\nCommands:\n{verbs}\n\n"
        f"Run 'docker {name} COMMAND --help' for more information on a command.\n"
    )
