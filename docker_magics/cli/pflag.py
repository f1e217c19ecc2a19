"""Flag parsing by the rules of the docker CLI (Go's pflag).

Python's parsers differ: in pflag `-p=80:80` means `80:80`, `-e -x` takes `-x` as its value,
`-it=false` sets i and clears t, `--init=false` sets a value and `--init false` does not.

source: github.com/spf13/pflag, flag.go: parseArgs, parseLongArg, parseSingleShortArg.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from docker_magics.errors import FlagError

#: Dashes that slides and word processors write for `-` and `--`.
_OTHER_DASHES = ("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212")


class FlagRule(Protocol):
    """A flag as the parser sees it."""

    @property
    def long(self) -> str:
        """The long name, without dashes."""

    @property
    def short(self) -> str | None:
        """The one-letter name, if any."""

    @property
    def bare(self) -> str | None:
        """The value of the flag without argument (`true` for booleans); None if one is required."""


class FlagValue(NamedTuple):
    """One occurrence of a flag on a line, with its value."""

    flag: Any
    value: str


class Token(NamedTuple):
    """A unit of a line: a flag with its value, combined short flags (`-it`), or an operand.

    Attributes:
        args: one argument, or two if the flag's value is a separate one.
        flag_values: the flags set; empty for an operand, and for the `--` that ends the flags.
        is_operand: whether it is an operand.
    """

    args: tuple[str, ...]
    flag_values: tuple[FlagValue, ...] = ()
    is_operand: bool = False


class ParsedLine(NamedTuple):
    """The flags and the operands of a line, each in the order of the line."""

    flag_values: list[FlagValue]
    operands: list[str]


class FlagSet:
    """The flags of one command.

    Args:
        flags: the flags.
        spellings: aliases of flag names, such as `net` for `network`.
        elsewhere: flags that are not supported -> what to do instead.
        interspersed: whether flags may follow operands. They may not in run, create and exec:
            words after IMAGE or CONTAINER belong to the container's command.
        command: the command's name, for error messages.
    """

    def __init__(
        self,
        flags: Sequence[FlagRule],
        *,
        spellings: Mapping[str, str] | None = None,
        elsewhere: Mapping[str, str] | None = None,
        interspersed: bool = True,
        command: str = "docker",
    ) -> None:
        self._long = {flag.long: flag for flag in flags}
        self._short = {flag.short: flag for flag in flags if flag.short}
        self._spellings = spellings or {}
        self._elsewhere = elsewhere or {}
        self._interspersed = interspersed
        self._command = command

    def parse(self, args: Sequence[str]) -> ParsedLine:
        """Split words into flags and operands.

        Raises:
            FlagError: a flag is unknown, or lacks its value.
        """
        parsed = ParsedLine([], [])
        for token in self.tokens(args):
            parsed.flag_values.extend(token.flag_values)
            parsed.operands.extend(token.args if token.is_operand else ())
        return parsed

    def tokens(self, args: Sequence[str]) -> Iterator[Token]:
        """Yield the tokens of a line from left to right.

        Raises:
            FlagError: as `parse`, when the invalid word is reached.
        """
        remaining = list(args)
        while remaining:
            start = len(args) - len(remaining)
            arg = remaining.pop(0)
            if arg == "--":
                yield Token((arg,))
                break
            if arg.startswith(_OTHER_DASHES):
                raise _other_dash(arg)
            is_operand = not arg.startswith("-") or arg == "-"
            flag_values = () if is_operand else tuple(self._flag_values(arg, remaining))
            yield Token(tuple(args[start : len(args) - len(remaining)]), flag_values, is_operand)
            if is_operand and not self._interspersed:
                break
        yield from (Token((arg,), is_operand=True) for arg in remaining)

    def _flag_values(self, arg: str, remaining: list[str]) -> Iterator[FlagValue]:
        if arg.startswith("--"):
            yield self._long_flag(arg, remaining)
        else:
            yield from self._short_flags(arg, remaining)

    def _long_flag(self, arg: str, remaining: list[str]) -> FlagValue:
        name, equals, value = arg[2:].partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax: {arg}")
        flag = self._long.get(self._spellings.get(name, name))
        if flag is None and name in self._elsewhere:
            raise FlagError(f"cannot use --{name}: unsupported", hint=self._elsewhere[name])
        if flag is None:
            raise self._error(f"unknown flag: --{name}", f"--{name}")
        if equals:
            return FlagValue(flag, value)
        if flag.bare is not None:
            return FlagValue(flag, flag.bare)
        if remaining:
            return FlagValue(flag, remaining.pop(0))
        raise self._error(f"flag needs an argument: --{name}")

    def _short_flags(self, arg: str, remaining: list[str]) -> Iterator[FlagValue]:
        letters = arg[1:]
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
            elif remaining:
                yield FlagValue(flag, remaining.pop(0))
                return
            else:
                raise self._error(f"flag needs an argument: '{letter}' in -{letters}")

    def _error(self, message: str, wrong: str | None = None) -> FlagError:
        from .suggest import did_you_mean

        guess = did_you_mean(wrong, self._spelled()) if wrong else ""
        page = f"docker {self._command} --help" if self._command else "docker --help"
        return FlagError(f"{message}{guess} (see {page})", cli_text=message)

    def _spelled(self) -> list[str]:
        return [f"--{name}" for name in self._long] + [f"-{letter}" for letter in self._short]


def _other_dash(arg: str) -> FlagError:
    name = arg.lstrip("".join(_OTHER_DASHES) + "-")
    flag = f"-{name}" if len(name) == 1 else f"--{name}"
    message = f"{arg} begins with a dash of a slide or a word processor"
    return FlagError(message, hint=f"Write {flag} (or -{name}).")
