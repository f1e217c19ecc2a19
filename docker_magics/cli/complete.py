"""What may come next on a docker command line: commands, flags, names from the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from docker_magics.errors import DockerMagicsError

from . import index
from .command import Command, Flag

#: Gives what a docker command line prints, a word a line.
Names = Callable[[Sequence[str]], Iterable[str]]

#: The word of a usage line, or of a flag, to the command that lists such names.
_LISTED_BY = {
    "CONTAINER": ("ps", "-a", "--format", "{{.Names}}"),
    "IMAGE": ("images", "--format", "{{.Repository}}:{{.Tag}}"),
    "NETWORK": ("network", "ls", "--format", "{{.Name}}"),
    "VOLUME": ("volume", "ls", "-q"),
    "CONTEXT": ("context", "ls", "-q"),
}
_FLAG_NAMES = {"network": "NETWORK", "volumes-from": "CONTAINER", "link": "CONTAINER"}


def complete(text: str, names: Names) -> list[str]:
    """The words that may stand where a line's text ends, each beginning with what is typed of it.

    Args:
        text: the line up to the cursor, without `%docker`.
        names: runs a listing; what it cannot list is not offered.
    """
    *before, typed = re.split(r"\s+", text.lstrip())
    if before and before[0] in index.ABOUT_LINES and (before[1:] or not typed.startswith("-")):
        before = before[1:]
    return sorted({word for word in _candidates(before, typed, names) if word.startswith(typed)})


def _candidates(before: list[str], typed: str, names: Names) -> Iterable[str]:
    longer = _next_words(before)
    try:
        verb, words = index.resolve(before)
    except DockerMagicsError:
        return longer
    if typed.startswith("-"):
        return [f"--{flag.long}" for flag in verb.flags() if not flag.hidden] + ["--help"]
    return [*longer, *_names(_wanted(verb, words), names)]


def _next_words(before: list[str]) -> list[str]:
    """What follows in commands' names: `container` is followed by `ls`, `run`, ..."""
    split = (name.split() for name in index.spellings())
    count = len(before)
    return [words[count] for words in split if len(words) > count and words[:count] == before]


def _wanted(verb: type[Command], words: list[str]) -> str:
    """What kind of name the next word is, as the usage line calls it."""
    last = words[-1] if words else ""
    if (flag := _flag(verb, last)) is not None and flag.bare is None:
        return _FLAG_NAMES.get(flag.long, "")
    operands: list[str] = re.findall(r"[A-Z_]{2,}", verb.usage.replace("[OPTIONS]", ""))
    given = _operand_count(verb, words)
    if not operands or (given >= len(operands) and "..." not in verb.usage):
        return ""
    return operands[min(given, len(operands) - 1)]


def _flag(verb: type[Command], word: str) -> Flag | None:
    named = (flag for flag in verb.flags() if word in {f"--{flag.long}", f"-{flag.short}"})
    return next(named, None)


def _operand_count(verb: type[Command], words: list[str]) -> int:
    count, takes_value = 0, False
    for word in words:
        if takes_value or word.startswith("-"):
            flag = None if takes_value else _flag(verb, word)
            takes_value = flag is not None and flag.bare is None
        else:
            count += 1
    return count


def _names(kind: str, names: Names) -> Iterable[str]:
    if kind not in _LISTED_BY:
        return []
    try:
        return [name for name in names(_LISTED_BY[kind]) if "<none>" not in name]
    except DockerMagicsError:
        return []
