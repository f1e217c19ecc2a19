"""Go's flag rules, as the docker CLI's parser has them.

No Python parser reads what docker reads: `-p=80:80` is `80:80`, `-e -x` takes `-x` as its value,
`-it=false` sets i and clears t, `--init=false` is a value and `--init false` is not.

source: github.com/spf13/pflag, flag.go: parseArgs, parseLongArg, parseSingleShortArg.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from docker_magics.errors import FlagError

from .suggest import did_you_mean


class FlagRule(Protocol):
    """What the parser must know of a flag."""

    @property
    def long(self) -> str:
        """Its name without dashes."""

    @property
    def short(self) -> str | None:
        """Its one-letter form, if it has one."""

    @property
    def bare(self) -> str | None:
        """The value of the flag given without one (`true` for booleans), or None: it takes one."""


class FlagValue(NamedTuple):
    """One flag as it was given: a flag may stand more than once on a line."""

    flag: Any
    value: str


class Token(NamedTuple):
    """What stands together on a line: a flag with its value, flags in one word, or an operand.

    Attributes:
        words: one, or two where a flag's value stands by itself.
        settings: what they set; none for an operand, and for the `--` that ends the flags.
        is_operand: whether it is one.
    """

    words: tuple[str, ...]
    settings: tuple[FlagValue, ...] = ()
    is_operand: bool = False


@dataclass
class ParsedLine:
    """A line taken apart: settings in their order, operands in theirs."""

    settings: list[FlagValue] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)


class FlagSet:
    """The flags of one command.

    Args:
        flags: its flags.
        spellings: other names of flags, as `net` of `network`.
        interspersed: whether flags may follow operands. For run, create and exec they may not:
            what follows IMAGE or CONTAINER belongs to the command inside.
        command: the command's name, for messages.
    """

    def __init__(
        self,
        flags: Sequence[FlagRule],
        *,
        spellings: Mapping[str, str] | None = None,
        interspersed: bool = True,
        command: str = "docker",
    ) -> None:
        self._long = {flag.long: flag for flag in flags}
        self._short = {flag.short: flag for flag in flags if flag.short}
        self._spellings = spellings or {}
        self._interspersed = interspersed
        self._command = command

    def parse(self, words: Sequence[str]) -> ParsedLine:
        """Take words apart into settings and operands.

        Raises:
            FlagError: an unknown flag, or a flag without its value.
        """
        parsed = ParsedLine()
        for taken in self.tokens(words):
            parsed.settings += taken.settings
            parsed.operands += taken.words if taken.is_operand else ()
        return parsed

    def tokens(self, words: Sequence[str]) -> Iterator[Token]:
        """The same, one after another as they stand on the line.

        Raises:
            FlagError: as `parse` does, when it comes to it.
        """
        left = list(words)
        while left:
            begin = len(words) - len(left)
            word = left.pop(0)
            if word == "--":
                yield Token((word,))
                break
            is_operand = not word.startswith("-") or word == "-"
            settings = () if is_operand else tuple(self._settings(word, left))
            yield Token(tuple(words[begin : len(words) - len(left)]), settings, is_operand)
            if is_operand and not self._interspersed:
                break
        yield from (Token((word,), is_operand=True) for word in left)

    def _settings(self, word: str, left: list[str]) -> Iterator[FlagValue]:
        if word.startswith("--"):
            yield self._long_flag(word, left)
        else:
            yield from self._short_flags(word, left)

    def _long_flag(self, word: str, left: list[str]) -> FlagValue:
        name, equals, value = word[2:].partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax: {word}")
        flag = self._long.get(self._spellings.get(name, name))
        if flag is None:
            raise self._error(f"unknown flag: --{name}", f"--{name}")
        if equals:
            return FlagValue(flag, value)
        if flag.bare is not None:
            return FlagValue(flag, flag.bare)
        if left:
            return FlagValue(flag, left.pop(0))
        raise self._error(f"flag needs an argument: --{name}")

    def _short_flags(self, word: str, left: list[str]) -> Iterator[FlagValue]:
        letters = word[1:]
        while letters:
            letter, rest = letters[0], letters[1:]
            flag = self._short.get(letter)
            if flag is None:
                raise self._error(f"unknown shorthand flag: '{letter}' in -{letters}", f"-{letter}")
            if len(rest) > 1 and rest[0] == "=":
                yield FlagValue(flag, rest[1:])
                return
            if flag.bare is not None:
                yield FlagValue(flag, flag.bare)
                letters = rest
            elif rest:
                yield FlagValue(flag, rest)
                return
            elif left:
                yield FlagValue(flag, left.pop(0))
                return
            else:
                raise self._error(f"flag needs an argument: '{letter}' in -{letters}")

    def _error(self, message: str, wrong: str | None = None) -> FlagError:
        guess = did_you_mean(wrong, self._spelled()) if wrong else ""
        return FlagError(f"{message}{guess} (see docker {self._command} --help)")

    def _spelled(self) -> list[str]:
        return [f"--{name}" for name in self._long] + [f"-{letter}" for letter in self._short]
