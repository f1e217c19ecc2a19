"""The index of commands. Only the file of the command that runs is imported.

commands/container/stop.py is `docker container stop`; its `aliases` are other spellings. The index
reads names, aliases and summaries from the text of the files: reading 140 small files takes two
milliseconds, importing them would take much longer.
"""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docker_magics.errors import UnknownCommand

from .command import Command

#: Commands whose operands are another command line.
ABOUT_LINES = frozenset({"explain", "trace"})
#: The package whose modules are the commands.
_PACKAGE = "docker_magics.commands"
#: The module of the command that runs a plugin of the docker CLI.
_PLUGIN = f"{_PACKAGE}._cli_plugin"
#: A plugin that runs instead of our commands of the same name.
_BUILDX = "buildx"
# Both patterns begin with a text, which `search` looks for much faster than for `^`.
_ALIASES = re.compile(r"\n    aliases = \((.*?)\)\n", re.DOTALL)
_CLASS = re.compile(r'\nclass \w+\(.*\):\n    r?"""(.+?)(?:"""|\n)')


class Entry(NamedTuple):
    """An indexed command: full name, module, first line of the help."""

    name: str
    module: str
    summary: str


def resolve(args: Sequence[str]) -> tuple[type[Command], list[str]]:
    """Return the command that a line's first words name, and the remaining words.

    Raises:
        UnknownCommand: the command does not exist; the message suggests a similar name.
    """
    names = spellings()
    if args[:1] == [_BUILDX] and _has_plugin(_BUILDX):
        names = {}  # the plugin has more builders and flags
    for length in range(min(len(args), 3), 0, -1):
        if entry := names.get(" ".join(args[:length])):
            return load(entry), list(args[length:])
    if args and _has_plugin(args[0]):
        return load(Entry(args[0], _PLUGIN, "")), list(args)
    raise _unknown(args)


def _has_plugin(name: str) -> bool:
    from docker_magics.engine.cli_plugins import find_plugin

    return find_plugin(name) is not None


def _unknown(args: Sequence[str]) -> UnknownCommand:
    """Return the error of the docker CLI 29, with what to use instead or a similar name."""
    from .other_words import OTHER_WORDS
    from .suggest import did_you_mean

    word = args[0] if args else ""
    for name in (word, " ".join(args[:2])):
        if name in OTHER_WORDS:
            return UnknownCommand(f"docker: unknown command: docker {name}: {OTHER_WORDS[name]}")
    group = f"{word} " if word in groups() and args[1:] else ""
    verb = args[1] if group else word
    known = [name.removeprefix(group) for name in spellings() if name.startswith(group)]
    known += groups() if args[1:] and not group else []
    message = f"docker: unknown command: docker {group}{verb}"
    pointer = f"Run 'docker {group}--help' for more information"
    usage = f"Usage:  docker {group.strip()}\n\n" if group else ""
    return UnknownCommand(
        message + did_you_mean(verb, known),
        hint=pointer,
        cli_text=f"{message}\n\n{usage}{pointer}",
    )


def load(entry: Entry) -> type[Command]:
    """Import a command's file and return its class."""
    module = importlib.import_module(entry.module)
    classes = [
        member
        for member in vars(module).values()
        if isinstance(member, type)
        and issubclass(member, Command)
        and member.__module__ == entry.module
    ]
    (command,) = (command for command in classes if "run" in vars(command))
    return command


@functools.cache
def spellings() -> dict[str, Entry]:
    """Return the commands by spelling: `container ls`, `container list`, `container ps`, `ps`."""
    commands: dict[str, Entry] = {}
    for entry, aliases in _entries():
        for name in (entry.name, *aliases):
            commands[name] = entry
    return commands


@functools.cache
def groups() -> dict[str, list[Entry]]:
    """Return the management commands (`container`, `image`, ...) with their verbs, sorted."""
    verbs: dict[str, list[Entry]] = {}
    for entry in sorted(set(spellings().values())):
        group, space, _ = entry.name.partition(" ")
        if space:
            verbs.setdefault(group, []).append(entry)
    return verbs


def lone_group(args: Sequence[str]) -> str | None:
    """Return the management command of a line without a verb, which shows the group's help.

    `docker buildx imagetools` shows that of `docker buildx`.
    `docker session` is a command as well as a group: only `docker session --help` shows the help.
    """
    name, *rest = args
    if rest and any(verb.name.startswith(f"{name} {rest[0]} ") for verb in groups().get(name, ())):
        del rest[0]
    shows_help = rest in (["--help"], ["-h"], ["help"]) or (not rest and name not in spellings())
    return name if shows_help and name in groups() else None


def purpose(group: str) -> str:
    """Return the summary of a management command: the docstring of its folder."""
    package = importlib.import_module(f"{_PACKAGE}.{group}")
    return (package.__doc__ or "").strip()


def _entries() -> Iterator[tuple[Entry, list[str]]]:
    (folder,) = importlib.import_module(_PACKAGE).__path__
    for parts, file in sorted(_files(folder, ())):
        # Bytes and plain paths: every command line reads all files.
        with open(file, "rb") as source:  # noqa: PTH123
            text = source.read().decode()
        name = " ".join(part.strip("_").replace("_", "-") for part in parts)
        summary = _CLASS.search(text)
        aliases = _ALIASES.search(text)
        entry = Entry(name, ".".join((_PACKAGE, *parts)), summary[1] if summary else "")
        yield entry, aliases[1].split('"')[1::2] if aliases else []


def _files(folder: str, parts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the commands' files below a folder, with the parts of their modules' names."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py") and entry.name[0].islower():
                yield (*parts, entry.name.removesuffix(".py")), entry.path
            elif entry.is_dir() and entry.name[0].islower():
                yield from _files(entry.path, (*parts, entry.name))
