"""Explain a command line: split it as the command's parser would, one sentence for each part."""

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
    """One or more adjacent words of a command line.

    Attributes:
        text: the words as typed, `-p 8080:80`.
        full: the long form: `--publish`, `docker.io/library/nginx:latest`; "" if it is the same.
        meaning: a sentence.
    """

    text: str
    full: str
    meaning: str


def explain_line(args: Sequence[str], texts: Texts) -> list[Part]:
    """Return the parts of a command line, in order.

    Args:
        args: the line's words, with or without the leading `docker`.
        texts: the sentences of one language.

    Raises:
        UsageError: the command or a flag is unknown, or a flag rejects its value.
    """
    args = args[1:] if args[:1] == [_GLOBAL] else args
    global_flags = global_options.flag_set()
    _, rest = global_options.parse(args)
    global_tokens = args[: len(args) - len(rest)]
    return [
        *_flags(global_flags, global_tokens, _GLOBAL, texts),
        *(_command(rest, texts) if rest else []),
    ]


def _command(args: Sequence[str], texts: Texts) -> Iterator[Part]:
    if args[0] == "help":
        yield Part("help", "--help", texts.say("help"))
        yield from _command([*args[1:], "--help"], texts)
    elif group := index.lone_group(args):
        yield from _group(group, args[1:], texts)
    elif args != ["--help"]:
        yield from _verb(args, texts)


def _group(name: str, rest: Sequence[str], texts: Texts) -> Iterator[Part]:
    """Explain a management command alone, such as `docker container`, or its `--help`."""
    text = texts.command(name, index.purpose(name))
    yield Part(name, f"docker {name}", texts.say("group", text=text, name=name))
    yield from (Part(word, "", texts.say("help")) for word in rest)


def _verb(args: Sequence[str], texts: Texts) -> Iterator[Part]:
    verb, rest = index.resolve(args)
    name = verb.command_name()
    spelling = " ".join(args[: len(args) - len(rest)])
    parsed = verb.parse(rest, spelling=spelling)  # raises what the command itself would raise
    summary = (verb.__doc__ or "").strip().splitlines()[0]
    yield Part(spelling, f"docker {name}", texts.command(name, summary))
    yield from _flags(verb.flag_set(), rest, name, texts)
    operands = verb.flag_set().parse(rest).operands
    if name in index.ABOUT_LINES:
        yield from _command(_without_docker(operands), texts) if operands else ()
    else:
        yield from _operands(verb, operands, texts, parsed)


def _without_docker(args: list[str]) -> list[str]:
    return args[1:] if args[0] == _GLOBAL and args[1:] else args


def _flags(flag_set: FlagSet, args: Sequence[str], name: str, texts: Texts) -> Iterator[Part]:
    for token in flag_set.tokens(args):
        if token.flag_values:
            yield from _settings(token, name, texts)
        elif not token.is_operand:
            yield Part("--", "", texts.say("flags_end"))


def _settings(token: Token, name: str, texts: Texts) -> Iterator[Part]:
    for setting in token.flag_values:
        text = _as_typed(setting, token)
        yield Part(text, f"--{setting.flag.long}", flag_meaning(name, setting, texts))


def _as_typed(setting: FlagValue, token: Token) -> str:
    """Return one flag as typed; of combined short flags (`-it`) only this flag and its value."""
    if len(token.flag_values) == 1:
        return _joined(token.args)
    value = [] if setting.value == setting.flag.bare else [setting.value]
    return _joined([f"-{setting.flag.short}", *value])


def _operands(
    verb: type[Command], args: Sequence[str], texts: Texts, parsed: Command | None
) -> Iterator[Part]:
    remaining = list(args)
    for field in verb.operand_fields():
        taken, remaining = (remaining[:1], remaining[1:]) if field.single else (remaining, [])
        together = field.field in {"args", "command"}
        for part in [taken] if together and taken else [[token] for token in taken]:
            full, meaning = operand_meaning(verb, field.field, part, parsed, texts)
            yield Part(_joined(part), full, meaning)


_PLAIN = re.compile(r"\$\([^']*\)")


def _joined(args: Iterable[str]) -> str:
    """Quote and join words as a user would type them; `$(...)` stays unquoted."""
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in args)
