"""A command line, taken apart as the command would read it, with a sentence for each part."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from docker_magics.cli import global_options, index
from docker_magics.cli.command import Command
from docker_magics.cli.pflag import FlagSet, FlagValue, Token

from .operands import operand_meaning
from .texts import Texts
from .values import flag_meaning

_GLOBAL = "docker"


@dataclass(frozen=True)
class Part:
    """Some words of a line.

    Attributes:
        words: as they stand there.
        full: what they are short for: `--detach`, `docker.io/library/nginx:latest`.
        meaning: a sentence.
    """

    words: str
    full: str
    meaning: str


def explain_line(words: Sequence[str], texts: Texts) -> list[Part]:
    """The parts of a line, in their order.

    Args:
        words: with or without the word docker.
        texts: the language.

    Raises:
        UsageError: no such command or flag, or a value that a flag does not take.
    """
    words = words[1:] if words[:1] == [_GLOBAL] else words
    before = global_options.flag_set()
    _, rest = global_options.parse(words)
    given = words[: len(words) - len(rest)]
    return [*_flags(before, given, _GLOBAL, texts), *(_command(rest, texts) if rest else [])]


def _command(words: Sequence[str], texts: Texts) -> Iterator[Part]:
    if words[0] == "help":
        yield Part("help", "--help", texts.say("help"))
        yield from _command([*words[1:], "--help"], texts)
    elif group := index.lone_group(words):
        yield from _group(group, words[1:], texts)
    elif words != ["--help"]:
        yield from _verb(words, texts)


def _group(name: str, rest: Sequence[str], texts: Texts) -> Iterator[Part]:
    """A management command, as `docker container`, and whether its help is asked for."""
    text = texts.command(name, index.purpose(name))
    yield Part(name, f"docker {name}", texts.say("group", text=text, name=name))
    yield from (Part(word, "", texts.say("help")) for word in rest)


def _verb(words: Sequence[str], texts: Texts) -> Iterator[Part]:
    verb, rest = index.resolve(words)
    name = verb.command_name()
    said = " ".join(words[: len(words) - len(rest)])
    parsed = verb.parse(rest, spelling=said)  # what it would refuse is refused here as well
    summary = (verb.__doc__ or "").strip().splitlines()[0]
    yield Part(said, f"docker {name}", texts.command(name, summary))
    yield from _flags(verb.flag_set(), rest, name, texts)
    operands = verb.flag_set().parse(rest).operands
    if name in index.ABOUT_LINES:
        yield from _command(_without_docker(operands), texts) if operands else ()
    else:
        yield from _operands(verb, operands, texts, parsed)


def _without_docker(words: list[str]) -> list[str]:
    return words[1:] if words[0] == _GLOBAL and words[1:] else words


def _flags(flag_set: FlagSet, words: Sequence[str], name: str, texts: Texts) -> Iterator[Part]:
    for taken in flag_set.tokens(words):
        if taken.settings:
            yield from _settings(taken, name, texts)
        elif not taken.is_operand:
            yield Part("--", "", texts.say("flags_end"))


def _settings(taken: Token, name: str, texts: Texts) -> Iterator[Part]:
    for setting in taken.settings:
        words = _words_of(setting, taken)
        yield Part(words, f"--{setting.flag.long}", flag_meaning(name, setting, texts))


def _words_of(setting: FlagValue, taken: Token) -> str:
    """The words of one flag; of several in one word (`-it`) its own letter and value."""
    if len(taken.settings) == 1:
        return _joined(taken.words)
    value = [] if setting.value == setting.flag.bare else [setting.value]
    return _joined([f"-{setting.flag.short}", *value])


def _operands(
    verb: type[Command], words: Sequence[str], texts: Texts, parsed: Command | None
) -> Iterator[Part]:
    left = list(words)
    for field in verb.operand_fields():
        taken, left = (left[:1], left[1:]) if field.single else (left, [])
        together = field.field in {"args", "command"}
        for part in [taken] if together and taken else [[word] for word in taken]:
            full, meaning = operand_meaning(verb, field.field, part, parsed, texts)
            yield Part(_joined(part), full, meaning)


_PLAIN = re.compile(r"\$\([^']*\)")


def _joined(words: Iterable[str]) -> str:
    """Words as one would type them."""
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)
