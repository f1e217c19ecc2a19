"""The base class of commands: its attributes are the flags and operands.

    class ContainerStop(Command):
        \"\"\"Stop one or more running containers\"\"\"

        usage = "[OPTIONS] CONTAINER [CONTAINER...]"
        aliases = ("stop",)

        signal: str = flag("-s, --signal string", "Signal to send to the container")
        containers: list[str] = operands(1)

        def run(self, engine: Engine) -> Lines: ...

The first argument of `flag` is the flag's line in `--help`: short name, long name, type. The file's
path names the command: commands/container/stop.py is `docker container stop`; `aliases` are other
spellings. The first line of the docstring is the summary in the help.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, dataclass_transform

from docker_magics.errors import FlagError, OperandError

from .flag_types import FLAG_TYPES, FlagType
from .pflag import FlagSet
from .terminal import Terminal

if TYPE_CHECKING:
    from docker_magics.engine.client import Engine

_SPEC = r"(?:-(?P<short>\w)(?:, )?)?(?:--(?P<long>[\w.-]+))?(?: (?P<type>\S+))?"
_PACKAGE = "docker_magics.commands."
#: The default of a flag whose default is the zero value of its type.
ZERO: Any = object()


class Flag(NamedTuple):
    """A flag of a command.

    Attributes:
        field: the command's attribute that holds the value.
        long, short: the names, without dashes.
        type_name: the type as the help prints it, "" for booleans.
        flag_type: converts texts to values.
        hidden: whether the help omits it.
        default: the value if the flag is missing, or ZERO.
        deprecated: what a deprecated flag's notice says to do instead.
    """

    field: str
    long: str
    short: str | None
    type_name: str
    flag_type: FlagType
    help: str
    hidden: bool
    default: Any
    deprecated: str = ""

    @property
    def bare(self) -> str | None:
        """The value of the flag without an argument; None if one is required."""
        return self.flag_type.bare

    @property
    def label(self) -> str:
        """The names as messages show them: `-p, --publish`."""
        return f"-{self.short}, --{self.long}" if self.short else f"--{self.long}"

    @property
    def initial(self) -> Any:
        """The value if the flag is missing."""
        return self.flag_type.empty if self.default is ZERO else self.default

    def read(self, text: str) -> Any:
        """Convert a text to a value.

        Raises:
            FlagError: the value is invalid.
        """
        try:
            return self.flag_type.parse(text)
        except ValueError as error:
            quoted = json.dumps(text, ensure_ascii=False)
            message = f'invalid argument {quoted} for "{self.label}" flag: {error}'
            raise FlagError(message) from error


class Operands(NamedTuple):
    """The operands of one field: from `minimum` to `maximum` (None: any number) words."""

    field: str
    minimum: int
    maximum: int | None
    single: bool

    @property
    def initial(self) -> Any:
        """The value if there are no operands."""
        return None if self.single else []


def flag(
    spec: str,
    help: str = "",  # noqa: A002 - the word that Docker and Python use for it
    *,
    flag_type: FlagType | None = None,
    hidden: bool = False,
    default: Any = ZERO,
    deprecated: str = "",
) -> Any:
    """Declare a flag by its help line: `flag("-e, --env list", "Set environment variables")`.

    Args:
        spec: the names, and the type as the help prints it (nothing for a boolean).
        help: the help text.
        flag_type: converts values, if the printed type does not determine it.
        hidden: whether the help omits it.
        default: the value if the flag is missing; by default the zero value of the type.
        deprecated: what to do instead of using the flag, which the help omits.
    """
    match = re.fullmatch(_SPEC, spec)
    if match is None or not match["long"]:
        raise ValueError(f"not a flag: {spec}")
    type_name = match["type"] or ""
    return Flag(
        field="",
        long=match["long"],
        short=match["short"],
        type_name=type_name,
        flag_type=flag_type or FLAG_TYPES[type_name],
        help=help,
        hidden=hidden or bool(deprecated),
        default=default,
        deprecated=deprecated,
    )


def operand(*, optional: bool = False) -> Any:
    """Declare one operand, a str; a missing optional operand is None."""
    return Operands("", 0 if optional else 1, 1, single=True)


def operands(minimum: int = 0, maximum: int | None = None) -> Any:
    """Declare the remaining operands, a list of str."""
    return Operands("", minimum, maximum, single=False)


@dataclass_transform(kw_only_default=True, field_specifiers=(flag, operand, operands))
class Command:
    """A docker command. `run` executes it against an engine and returns the result.

    Args:
        terminal: the caller; by default one that is not interactive.
        **values: values of the attributes; the others have their defaults.

    Attributes:
        usage: the text after the name in the usage line.
        long: a further paragraph of the help.
        aliases: other spellings of the whole name.
        interspersed: whether flags may follow operands.
        spellings: aliases of flag names, such as `{"net": "network"}`.
        elsewhere: flags that are not supported -> what to do instead.
        terminal: the caller: its standard input, and how to ask questions.
    """

    usage: ClassVar[str] = "[OPTIONS]"
    long: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    interspersed: ClassVar[bool] = True
    spellings: ClassVar[Mapping[str, str]] = {}
    elsewhere: ClassVar[Mapping[str, str]] = {}

    _declared: ClassVar[Mapping[str, Flag | Operands]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: it for name, it in vars(cls).items() if isinstance(it, Flag | Operands)}
        cls._declared = {**cls._declared, **own}

    def __init__(self, *, terminal: Terminal | None = None, **values: Any) -> None:
        self.terminal = terminal or Terminal()
        for name, declared in self._declared.items():
            setattr(self, name, declared.initial)
        for name, value in values.items():
            getattr(self, name)  # an unknown one is an AttributeError
            setattr(self, name, value)

    def run(self, engine: Engine) -> Any:
        """Execute the command against the engine.

        Raises:
            DockerMagicsError: the command failed; the message is one line.
        """
        raise NotImplementedError

    @classmethod
    def command_name(cls) -> str:
        """Return the name as docker's help spells it: `container stop`."""
        path = cls.__module__.removeprefix(_PACKAGE).split(".")
        return " ".join(part.strip("_").replace("_", "-") for part in path)

    @classmethod
    @functools.cache
    def flags(cls) -> Sequence[Flag]:
        """Return the flags, in the order of the help."""
        flags = [
            declared._replace(field=name)
            for name, declared in cls._declared.items()
            if isinstance(declared, Flag)
        ]
        return sorted(flags, key=lambda flag: flag.long)

    @classmethod
    def operand_fields(cls) -> Sequence[Operands]:
        """Return the operands, in order."""
        return [
            declared._replace(field=name)
            for name, declared in cls._declared.items()
            if isinstance(declared, Operands)
        ]

    @classmethod
    def parse(
        cls,
        args: Sequence[str],
        *,
        terminal: Terminal | None = None,
        spelling: str = "",
        **fields: Any,
    ) -> Self | None:
        """Return the command object of a line, or None if the line has `--help`.

        Args:
            args: the arguments after the command's name.
            terminal: the caller.
            spelling: the name or alias that the line uses.
            **fields: values of fields that are not flags, such as a %%dockerfile cell's text.

        Raises:
            FlagError: a flag is unknown, or its value is invalid.
            OperandError: the number of operands is wrong.
        """
        terminal = terminal or Terminal()
        shown = cls.shown_name(spelling)
        with usage_in_errors(f"docker {shown}", cls.usage):
            values, operands = cls._flag_values(args, terminal)
        if values.pop("help", False):
            return None
        _check_count(cls, len(operands), spelling or cls.command_name(), shown)
        values |= cls._operand_values(operands)
        return cls(terminal=terminal, **values, **fields)

    @classmethod
    def shown_name(cls, spelling: str) -> str:
        """Return the name in the usage line: an alias like `run`, else the full name."""
        is_short = spelling in cls.aliases and " " not in spelling
        return spelling if is_short else cls.command_name()

    @classmethod
    def _flag_values(
        cls, args: Sequence[str], terminal: Terminal
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the values of the flags in a line, by field, and its operands."""
        parsed = cls.flag_set().parse(args)
        values: dict[str, Any] = {}
        for flag_value in parsed.flag_values:
            _store(values, flag_value.flag, flag_value.value)
            _warn_if_deprecated(flag_value.flag, terminal)
        return values, parsed.operands

    @classmethod
    def flag_set(cls) -> FlagSet:
        """Return the parser of the command's words."""
        takes_h = any(flag.short == "h" for flag in cls.flags())
        help_flag = _HELP._replace(short=None if takes_h else "h")
        flags = [*cls.flags(), *([] if cls._has_flag("help") else [help_flag])]
        return FlagSet(
            flags,
            spellings=cls.spellings,
            elsewhere=cls.elsewhere,
            interspersed=cls.interspersed,
            command=cls.command_name(),
        )

    @classmethod
    def _has_flag(cls, long: str) -> bool:
        return any(flag.long == long for flag in cls.flags())

    @classmethod
    def _operand_values(cls, args: Sequence[str]) -> dict[str, Any]:
        fields = cls.operand_fields()
        values: dict[str, Any] = {}
        remaining = list(args)
        for field in fields:
            if not field.single:
                values[field.field], remaining = remaining, []
            elif remaining:
                values[field.field] = remaining.pop(0)
        return values


_HELP = Flag("help", "help", None, "", FLAG_TYPES[""], "", hidden=True, default=False)


def _store(values: dict[str, Any], flag: Flag, text: str) -> None:
    value = flag.read(text)
    if flag.flag_type.split:
        values.setdefault(flag.field, []).extend(value)
    elif flag.flag_type.many:
        values.setdefault(flag.field, []).append(value)
    else:
        values[flag.field] = value


def _warn_if_deprecated(flag: Flag, terminal: Terminal) -> None:
    """Print the notice, once a use.

    source: spf13/pflag, flag.go: FlagSet.Set.
    """
    if flag.deprecated:
        terminal.remark(f"Flag --{flag.long} has been deprecated, {flag.deprecated}")


@contextlib.contextmanager
def usage_in_errors(name: str, usage: str) -> Iterator[None]:
    """Add the usage line to what the docker CLI prints for an invalid flag.

    source: docker/cli, cli/cobra.go: FlagErrorFunc.
    """
    try:
        yield
    except FlagError as error:
        error.cli_text = with_usage(error.cli_text or error.message, name, usage)
        raise


def with_usage(text: str, name: str, usage: str, *, verb: str = "Run") -> str:
    """Return a text of the docker CLI with the usage line and a pointer to the help."""
    line = f"Usage:  {name} {usage}".rstrip()
    return f"{text}\n\n{line}\n\n{verb} '{name} --help' for more information"


def _check_count(command: type[Command], count: int, spelling: str, shown: str) -> None:
    fields = command.operand_fields()
    low = sum(field.minimum for field in fields)
    high = (
        None
        if any(field.maximum is None for field in fields)
        else sum(field.maximum or 0 for field in fields)
    )
    if count < low or (high is not None and count > high):
        name, requirement = f"docker {spelling}", _requirement(low, high)
        raise OperandError(
            f"'{name}' {requirement}, got {count}",
            hint=f"Usage: {name} {command.usage}",
            cli_text=with_usage(
                f"docker: 'docker {shown}' {requirement}",
                f"docker {shown}",
                command.usage,
                verb="See" if high is None else "Run",
            ),
        )


def _requirement(low: int, high: int | None) -> str:
    def arguments(number: int) -> str:
        return f"{number} argument" + ("" if number == 1 else "s")

    if high is None:
        return f"requires at least {arguments(low)}"
    if high == 0:
        return "accepts no arguments"
    if low == high:
        return f"requires {arguments(low)}"
    if low == 0:
        return f"requires at most {arguments(high)}"
    return f"requires at least {low} and at most {arguments(high)}"
