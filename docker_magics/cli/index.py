"""Names of commands to the files that define them; only the file of the command called is imported.

commands/container/stop.py is `docker container stop`; its other spellings stand in its `aliases`.
Those are read from the files' text, once: reading 130 small files takes a few milliseconds,
importing them would take forty.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from docker_magics.errors import UnknownCommand

from .command import Command
from .suggest import did_you_mean

#: Commands that a whole command line follows.
ABOUT_LINES = frozenset({"explain", "trace"})
#: docker's commands, and well-known plugins', that are not here: a misspelling is something else.
_ELSEWHERE = frozenset(
    ("buildx", "checkpoint", "compose", "init", "manifest", "sbom", "scout", "stack", "trust")
)
_COMMANDS = Path(__file__).parent.parent / "commands"
_ALIASES = re.compile(r"^    aliases = \((.*?)\)$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r'"([^"]+)"')
_CLASS = re.compile(r"^class \w+\(.*\):\n    (?:r?\"\"\"(.+?)(?:\"\"\".*)?$)", re.MULTILINE)


class Entry(NamedTuple):
    """A command as the index knows it: full name, module, first line of its help."""

    name: str
    module: str
    summary: str


def resolve(words: Sequence[str]) -> tuple[type[Command], list[str]]:
    """The command that a line's first words name, and the words that are left for it.

    Raises:
        UnknownCommand: there is none; with the nearest match.
    """
    names = spellings()
    for length in range(min(len(words), 3), 0, -1):
        if entry := names.get(" ".join(words[:length])):
            return load(entry), list(words[length:])
    if words and words[0] in _ELSEWHERE:
        raise UnknownCommand(
            f"docker {words[0]} is not part of docker_magics",
            hint=f"Where the docker CLI is installed, !docker {words[0]} runs it.",
        )
    wanted = " ".join(words[: 2 if words and words[0] in groups() else 1])
    guess = did_you_mean(wanted, names)
    raise UnknownCommand(
        f"unknown command: docker {wanted}{guess}", hint="docker --help lists them."
    )


def load(entry: Entry) -> type[Command]:
    """Import a command's file and give its class."""
    module = importlib.import_module(entry.module)
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Command) and each.__module__ == entry.module
    ]
    (command,) = (each for each in found if "run" in vars(each))
    return command


@functools.cache
def spellings() -> dict[str, Entry]:
    """Every spelling of every command: `container ls`, `container list`, `container ps`, `ps`."""
    found: dict[str, Entry] = {}
    for entry, aliases in _entries():
        for name in (entry.name, *aliases):
            found[name] = entry
    return found


@functools.cache
def groups() -> dict[str, list[Entry]]:
    """The management commands (`container`, `image`, ...) and their verbs, sorted."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(set(spellings().values())):
        group, space, _ = entry.name.partition(" ")
        if space:
            found.setdefault(group, []).append(entry)
    return found


def lone_group(words: Sequence[str]) -> str | None:
    """The management command of a line that names no verb: it shows its help.

    `docker session` is a command as well, so that it needs `--help`.
    """
    name, *rest = words
    shows_help = rest in (["--help"], ["help"]) or (not rest and name not in spellings())
    return name if shows_help and name in groups() else None


def purpose(group: str) -> str:
    """What a management command is for: the docstring of its folder."""
    package = importlib.import_module(f"docker_magics.commands.{group}")
    return (package.__doc__ or "").strip()


def _entries() -> Iterator[tuple[Entry, list[str]]]:
    for path in sorted(_COMMANDS.rglob("[a-z]*.py")):
        parts = path.relative_to(_COMMANDS).with_suffix("").parts
        text = path.read_text(encoding="utf-8")
        name = " ".join(part.strip("_").replace("_", "-") for part in parts)
        summary = _CLASS.search(text)
        aliases = _ALIASES.search(text)
        entry = Entry(
            name, ".".join(("docker_magics.commands", *parts)), summary[1] if summary else ""
        )
        yield entry, _QUOTED.findall(aliases[1]) if aliases else []
