"""Completion of docker command lines: commands, flags, names of the engine's objects."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

from docker_magics.errors import DockerMagicsError

from . import index
from .command import Command, Flag

#: Runs a docker command that lists names, and returns them.
ListNames = Callable[[Sequence[str]], Iterable[str]]

#: Placeholder in a usage line -> the command that lists such names.
_LISTED_BY = {
    "CONTAINER": ("ps", "-a", "--format", "{{.Names}}"),
    "IMAGE": ("images", "--format", "{{.Repository}}:{{.Tag}}"),
    "NETWORK": ("network", "ls", "--format", "{{.Name}}"),
    "VOLUME": ("volume", "ls", "-q"),
    "CONTEXT": ("context", "ls", "-q"),
}
_SPECIAL = re.compile(r"[\"'`{]|\$\(")
_FLAG_NAMES = {"network": "NETWORK", "volumes-from": "CONTAINER", "link": "CONTAINER"}


def complete(text: str, list_names: ListNames) -> list[str]:
    """Return the candidates for the last word of a line, sorted.

    A name with special characters is quoted: it is one argument, and nothing in it is evaluated.
    After an expression, a substitution or a quote, which may be open, only plain names are offered.

    Args:
        text: the line up to the cursor, without `%docker`.
        list_names: runs a listing command; if it fails, its names are not offered.
    """
    *before, typed = re.split(r"\s+", text.lstrip())
    if before and before[0] in index.ABOUT_LINES and (before[1:] or not typed.startswith("-")):
        before = before[1:]
    is_plain_line = not _SPECIAL.search(text.removesuffix(typed))
    candidates = {
        (candidate, shlex.quote(candidate))
        for candidate in _candidates(before, typed, list_names)
        if candidate.startswith(typed.lstrip("'\""))
    }
    return sorted(
        quoted for candidate, quoted in candidates if is_plain_line or quoted == candidate
    )


def _candidates(before: list[str], typed: str, list_names: ListNames) -> Iterable[str]:
    command_words = _next_words(before)
    try:
        verb, arguments = index.resolve(before)
    except DockerMagicsError:
        return command_words
    if typed.startswith("-"):
        return [f"--{flag.long}" for flag in verb.flags() if not flag.hidden] + ["--help"]
    return [*command_words, *_names(_placeholder(verb, arguments), list_names)]


def _next_words(before: list[str]) -> list[str]:
    """Return the next words of command names: `container` is followed by `ls`, `run`, ..."""
    spellings = (name.split() for name in index.spellings())
    count = len(before)
    return [
        name_parts[count]
        for name_parts in spellings
        if len(name_parts) > count and name_parts[:count] == before
    ]


def _placeholder(verb: type[Command], arguments: list[str]) -> str:
    """Return the placeholder of the next word in the usage line: `CONTAINER`, `IMAGE`, ..."""
    last = arguments[-1] if arguments else ""
    if (flag := _flag(verb, last)) is not None and flag.bare is None:
        return _FLAG_NAMES.get(flag.long, "")
    operands: list[str] = re.findall(r"[A-Z_]{2,}", verb.usage.replace("[OPTIONS]", ""))
    count = _operand_count(verb, arguments)
    if not operands or (count >= len(operands) and "..." not in verb.usage):
        return ""
    return operands[min(count, len(operands) - 1)]


def _flag(verb: type[Command], word: str) -> Flag | None:
    named = (flag for flag in verb.flags() if word in {f"--{flag.long}", f"-{flag.short}"})
    return next(named, None)


def _operand_count(verb: type[Command], arguments: list[str]) -> int:
    count, takes_value = 0, False
    for word in arguments:
        if takes_value or word.startswith("-"):
            flag = None if takes_value else _flag(verb, word)
            takes_value = flag is not None and flag.bare is None
        else:
            count += 1
    return count


def _names(placeholder: str, list_names: ListNames) -> Iterable[str]:
    if placeholder not in _LISTED_BY:
        return []
    try:
        return [name for name in list_names(_LISTED_BY[placeholder]) if _is_offered(name)]
    except DockerMagicsError:
        return []


def _is_offered(name: str) -> bool:
    """Whether a name can be quoted: quotes protect neither a flag nor a line break."""
    return name != "" and "<none>" not in name and name.isprintable() and not name.startswith("-")
