"""Completion of docker command lines: commands, flags and their values, names of objects, files.

`complete_values.py` has the values.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docker_magics.errors import DockerMagicsError, UsageError

from . import global_options, index
from .command import Command, Flag
from .complete_values import ListNames, flag_values, names_of, operand_kinds
from .words import as_typed

_OPEN_EXPRESSION = re.compile(r"(?<!\{)\{(?!\{)[^}]*$")
_PYTHON = re.compile(r"(?:(?<!\{)\{(?!\{)[^{}]*?|\$\{?)(?<![.\w])([^\W\d]\w*)?$")
_PLACEHOLDER = re.compile(r"[A-Z_]{2,}|\.\.\.")


@dataclass(frozen=True)
class Cursor:
    """The end of a line, which is to be completed.

    Attributes:
        before: the words before the last one.
        typed: the text to complete: the last word, or its part after `--flag=`.
        flag: that flag.
        is_python: whether the text is a Python name in `{expression}` or `$name`.
        is_plain: whether completed words may be quoted: no quote or expression is open.
    """

    before: list[str]
    typed: str
    flag: str = ""
    is_python: bool = False
    is_plain: bool = True


def cursor(text: str) -> Cursor:
    """Return what is to be completed at the end of a line.

    Args:
        text: the line up to the cursor, without `%docker`; a backslash joins it to the next line.
    """
    line = _innermost(text.replace("\\\n", "  "))
    start, is_open = _last_word(line)
    word = line[start:]
    if (match := _PYTHON.search(word)) and not word.startswith("'"):
        return Cursor([], match[1] or "", is_python=True)
    before = _words(line[:start])
    if flag := re.match(r"--([\w-]+)=", word):
        return Cursor(before, word[flag.end() :], flag=flag[1])
    typed = re.split(r"\s+", word)[-1]
    is_inside = (is_open and typed != word) or _OPEN_EXPRESSION.search(line[:start])
    is_nested = len(line) < len(text)
    return Cursor(before, typed, is_plain=not (is_inside or is_nested))


def complete(text: str, list_names: ListNames, python_names: Iterable[str] = ()) -> list[str]:
    """Return the candidates that replace `cursor(text).typed`, sorted.

    A name with special characters is quoted: it is one argument, and nothing in it is evaluated.
    After an expression, a substitution or a quote, which may be open, only plain names are offered.

    Args:
        text: see `cursor`.
        list_names: runs a listing command; if it fails, its names are not offered.
        python_names: the names for `{expression}` and `$name`.
    """
    at = cursor(text)
    if at.is_python:
        return sorted({name for name in python_names if name.startswith(at.typed)})
    candidates = {
        (candidate, _quoted(candidate))
        for candidate in _candidates(at, list_names)
        if candidate.startswith(at.typed.lstrip("'\""))
    }
    return sorted(quoted for candidate, quoted in candidates if at.is_plain or quoted == candidate)


def _innermost(line: str) -> str:
    """Return the command of the last `$(docker ...` or backtick that is not closed, or the line."""
    opening = line.rfind("$(docker ")
    if opening >= 0 and ")" not in line[opening:]:
        return line[opening + len("$(docker ") :]
    if line.count("`") % 2 and line.rpartition("`")[2].startswith("docker "):
        return line.rpartition("`")[2].removeprefix("docker ")
    return line


def _last_word(line: str) -> tuple[int, bool]:
    """Return where the last word of a line begins, and whether a quote in it is open."""
    start, quote, is_escaped = 0, "", False
    for place, char in enumerate(line):
        if is_escaped:
            is_escaped = False
        elif char == "\\" and quote != "'":
            is_escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char.isspace():
            start = place + 1
    return start, bool(quote)


def _words(line: str) -> list[str]:
    try:
        return list(as_typed(line))
    except UsageError:
        return line.split()


def _quoted(candidate: str) -> str:
    """Quote a candidate, except for the tilde of a path."""
    home = "~/" if candidate.startswith("~/") else ""
    rest = candidate.removeprefix(home)
    return home + (shlex.quote(rest) if rest else "")


def _candidates(at: Cursor, list_names: ListNames) -> Iterable[str]:
    selecting, before = _without_global_options(at.before)

    def list_safely(command: Sequence[str]) -> list[str]:
        engine = selecting if before else []
        try:
            return [name for name in list_names([*engine, *command]) if _is_offered(name)]
        except DockerMagicsError:
            return []

    if before and before[0] in index.ABOUT_LINES and (before[1:] or not at.typed.startswith("-")):
        before = before[1:]
    if before[:1] == ["help"]:
        return _next_words(before[1:])
    if not before:
        return _first_words(selecting, at, list_safely)
    command_words = _next_words(before)
    try:
        verb, arguments = index.resolve(before)
    except DockerMagicsError:
        return command_words
    return [*command_words, *_arguments(verb, arguments, at, list_safely)]


def _without_global_options(line: list[str]) -> tuple[list[str], list[str]]:
    """Split a line into docker's global options and the words from the command on."""
    args = line[1:] if line[:1] == ["docker"] else line
    rest = list(args)
    try:
        for token in global_options.flag_set().tokens(args):
            if token.is_operand:
                break
            rest = rest[len(token.args) :]
    except DockerMagicsError:
        return args, []
    return args[: len(args) - len(rest)], rest


def _first_words(selecting: Sequence[str], at: Cursor, list_names: ListNames) -> Iterable[str]:
    flags = global_options.flags()
    needs_value = at.flag or (selecting[-1] if selecting else "").lstrip("-")
    for flag in flags:
        if needs_value in {flag.long, flag.short} and flag.bare is None:
            return flag_values("", flag.long, at.typed, list_names)
    return _flag_names(flags) if at.typed.startswith("-") else _next_words([])


def _next_words(before: list[str]) -> list[str]:
    """Return the next words of command names: `container` is followed by `ls`, `run`, ..."""
    spellings = (name.split() for name in index.spellings())
    count = len(before)
    commands = [
        name_parts[count]
        for name_parts in spellings
        if len(name_parts) > count and name_parts[:count] == before
    ]
    return commands if before else [*commands, "help"]


def _flag_names(flags: Iterable[Flag]) -> list[str]:
    visible = [flag for flag in flags if not flag.hidden]
    short = [f"-{flag.short}" for flag in visible if flag.short]
    return [*(f"--{flag.long}" for flag in visible), *short]


def _arguments(
    verb: type[Command], arguments: list[str], at: Cursor, list_names: ListNames
) -> Iterable[str]:
    name = verb.command_name()
    if at.flag:
        return flag_values(name, verb.spellings.get(at.flag, at.flag), at.typed, list_names)
    count, flag = _state(verb, arguments)
    if flag is not None:
        return flag_values(name, flag.long, at.typed, list_names)
    takes_flags = "--" not in arguments and (verb.interspersed or count == 0)
    if at.typed.startswith("-"):
        return [*_flag_names(verb.flags()), "--help"] if takes_flags else []
    forced = not {"-f", "--force"}.isdisjoint(arguments)
    kinds = operand_kinds(name, _placeholders(verb), forced=forced)
    return names_of(_kind(kinds, count), at.typed, list_names)


def _state(verb: type[Command], arguments: list[str]) -> tuple[int, Flag | None]:
    """Return the number of operands so far, and the flag whose value comes next, if any."""
    count = 0
    flags = verb.flag_set()
    try:
        count = sum(token.is_operand for token in flags.tokens(arguments))
    except DockerMagicsError:
        named = {f"--{flag.long}": flag for flag in verb.flags()}
        named |= {f"--{alias}": named[f"--{long}"] for alias, long in verb.spellings.items()}
        named |= {f"-{flag.short}": flag for flag in verb.flags() if flag.short}
        last = arguments[-1]
        combined = f"-{last[-1]}" if re.fullmatch(r"-\w+", last) else last
        return count, named.get(last) or named.get(combined)
    return count, None


def _placeholders(verb: type[Command]) -> list[str]:
    """Return the placeholders of a usage line: `CONTAINER`, `IMAGE`, `...`."""
    usage = re.sub(r"\[OPTIONS\]|\[:[^\]]*\]", "", verb.usage)
    return _PLACEHOLDER.findall(usage)


def _kind(kinds: Sequence[str], count: int) -> str:
    repeated = list(kinds).index("...") - 1 if "..." in kinds else None
    if repeated is not None and count >= repeated:
        return kinds[repeated]
    return kinds[count] if count < len(kinds) else ""


def _is_offered(name: str) -> bool:
    """Whether a name can be quoted: quotes protect neither a flag nor a line break."""
    return name != "" and "<none>" not in name and name.isprintable() and not name.startswith("-")
