"""How a verb is declared: a typed dataclass whose fields are its flags and operands.

    class ContainerStop(Command):
        \"\"\"Stop one or more running containers\"\"\"

        usage = "[OPTIONS] CONTAINER [CONTAINER...]"
        aliases = ("stop",)

        signal: str = flag("-s, --signal string", "Signal to send to the container")
        containers: list[str] = operands(1)

        def run(self, engine: Engine) -> Lines: ...

A flag's first argument is its line in `--help`: short form, long form, kind of value. The command's
name is its file's: commands/container/stop.py is `docker container stop`, and `aliases` are its
other spellings. The first line of the docstring is the one of the help.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from docker_magics.errors import FlagError, OperandError

from .flag_types import FLAG_TYPES, FlagType
from .pflag import FlagSet
from .terminal import Terminal

if TYPE_CHECKING:
    from docker_magics.engine.client import Engine

_SPEC = re.compile(r"(?:-(?P<short>\w)(?:, )?)?(?:--(?P<long>[\w.-]+))?(?: (?P<type>\S+))?")
_PACKAGE = "docker_magics.commands."


@dataclasses.dataclass(frozen=True, eq=False)
class Flag:
    """A flag of a verb.

    Attributes:
        field: the dataclass field that holds its value.
        long, short: its names without dashes.
        type_name: the type as the help prints it, "" for booleans.
        flag_type: how a text becomes the value.
        hidden: left out of the help, as deprecated spellings are.
    """

    field: str
    long: str
    short: str | None
    type_name: str
    flag_type: FlagType
    help: str
    hidden: bool
    default: Any

    @property
    def bare(self) -> str | None:
        """The value of the flag given without one, or None: it takes one."""
        return self.flag_type.bare

    @property
    def label(self) -> str:
        """Its names as messages show them: `-p, --publish`."""
        return f"-{self.short}, --{self.long}" if self.short else f"--{self.long}"

    def read(self, text: str) -> Any:
        """The value of a text.

        Raises:
            FlagError: the flag takes no such value.
        """
        try:
            return self.flag_type.parse(text)
        except ValueError as error:
            quoted = json.dumps(text, ensure_ascii=False)
            message = f'invalid argument {quoted} for "{self.label}" flag: {error}'
            raise FlagError(message) from error


@dataclasses.dataclass(frozen=True)
class Operands:
    """The operands that one field takes: from `minimum` to `maximum` (None: any number) words."""

    field: str
    minimum: int
    maximum: int | None
    single: bool


def flag(
    spec: str,
    help: str = "",  # noqa: A002 - the word that Docker and Python use for it
    *,
    flag_type: FlagType | None = None,
    hidden: bool = False,
    default: Any = dataclasses.MISSING,
) -> Any:
    """A flag, declared as its help line: `flag("-e, --env list", "Set environment variables")`.

    Args:
        spec: names, and the kind of value as the help prints it (nothing for a boolean).
        help: the help's text.
        flag_type: how values are read, if the printed name does not determine it.
        hidden: left out of the help.
        default: the value where the flag was not given; by default the kind's zero.
    """
    match = _SPEC.fullmatch(spec)
    if match is None or not match["long"]:
        raise ValueError(f"not a flag: {spec}")
    type_name = match["type"] or ""
    flag_type = flag_type or FLAG_TYPES[type_name]
    fixed = {"default": default} if default is not dataclasses.MISSING else {}
    data = Flag(
        "", match["long"], match["short"], type_name, flag_type, help, hidden, fixed.get("default")
    )
    factory = fixed or {"default_factory": functools.partial(getattr, flag_type, "empty")}
    return dataclasses.field(metadata={"flag": data}, **factory)


def operand(*, optional: bool = False) -> Any:
    """One operand, a str; None where an optional one was not given."""
    data = Operands("", 0 if optional else 1, 1, single=True)
    if optional:
        return dataclasses.field(metadata={"operands": data}, default=None)
    return dataclasses.field(metadata={"operands": data})


def operands(minimum: int = 0, maximum: int | None = None) -> Any:
    """The rest of the operands, a list of str."""
    data = Operands("", minimum, maximum, single=False)
    return dataclasses.field(metadata={"operands": data}, default_factory=list)


@dataclass_transform(kw_only_default=True, field_specifiers=(flag, operand, operands))
@dataclasses.dataclass(kw_only=True)
class Command:
    """A verb: fields in, `run` does the work against an engine, a result comes out.

    Attributes:
        usage: what follows the name in the help's usage line.
        long: what the help says beside the docstring.
        aliases: other spellings of the whole name.
        interspersed: whether flags may follow operands.
        spellings: other names of flags, as `{"net": "network"}`.
        terminal: who runs it: where stdin comes from, and whether questions can be asked.
    """

    usage: ClassVar[str] = "[OPTIONS]"
    long: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    interspersed: ClassVar[bool] = True
    spellings: ClassVar[Mapping[str, str]] = {}

    terminal: Terminal = dataclasses.field(default_factory=Terminal, repr=False, compare=False)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclasses.dataclass(kw_only=True)(cls)

    def run(self, engine: Engine) -> Any:
        """Do it.

        Raises:
            DockerMagicsError: what went wrong, in one line.
        """
        raise NotImplementedError

    @classmethod
    def command_name(cls) -> str:
        """The name as docker's help spells it: `container stop`."""
        path = cls.__module__.removeprefix(_PACKAGE).split(".")
        return " ".join(part.strip("_").replace("_", "-") for part in path)

    @classmethod
    @functools.cache
    def flags(cls) -> Sequence[Flag]:
        """Its flags, in the help's order."""
        found = [
            dataclasses.replace(field.metadata["flag"], field=field.name)
            for field in dataclasses.fields(cls)
            if "flag" in field.metadata
        ]
        return sorted(found, key=lambda each: each.long)

    @classmethod
    def operand_fields(cls) -> Sequence[Operands]:
        """Its operands, in their order."""
        return [
            dataclasses.replace(field.metadata["operands"], field=field.name)
            for field in dataclasses.fields(cls)
            if "operands" in field.metadata
        ]

    @classmethod
    def parse(
        cls,
        words: Sequence[str],
        *,
        terminal: Terminal | None = None,
        spelling: str = "",
        **fields: Any,
    ) -> Self | None:
        """The command object of a line's words, or None where `--help` was asked for.

        Args:
            words: what follows the command's name.
            terminal: who runs it.
            spelling: what the command was called: its name or an alias.
            **fields: values of fields that are no flags, as a %%dockerfile cell's text.

        Raises:
            FlagError: an unknown flag or a wrong value.
            OperandError: too few or too many operands.
        """
        parsed = cls.flag_set().parse(words)
        values: dict[str, Any] = {}
        for setting in parsed.settings:
            _store(values, setting.flag, setting.value)
        if values.pop("help", False):
            return None
        _check_count(cls, len(parsed.operands), spelling or cls.command_name())
        values |= cls._operand_values(parsed.operands)
        return cls(terminal=terminal or Terminal(), **values, **fields)

    @classmethod
    def flag_set(cls) -> FlagSet:
        """What reads its words."""
        given = [*cls.flags(), *([] if cls._has_flag("help") else [_HELP])]
        return FlagSet(
            given,
            spellings=cls.spellings,
            interspersed=cls.interspersed,
            command=cls.command_name(),
        )

    @classmethod
    def _has_flag(cls, long: str) -> bool:
        return any(each.long == long for each in cls.flags())

    @classmethod
    def _operand_values(cls, words: Sequence[str]) -> dict[str, Any]:
        fields = cls.operand_fields()
        values: dict[str, Any] = {}
        left = list(words)
        for each in fields:
            if not each.single:
                values[each.field], left = left, []
            elif left:
                values[each.field] = left.pop(0)
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


def _check_count(command: type[Command], count: int, spelling: str) -> None:
    fields = command.operand_fields()
    low = sum(each.minimum for each in fields)
    high = (
        None
        if any(each.maximum is None for each in fields)
        else sum(each.maximum or 0 for each in fields)
    )
    if count < low or (high is not None and count > high):
        name = f"docker {spelling}"
        message = f"'{name}' {_wanted(low, high)}, got {count}"
        raise OperandError(message, hint=f"Usage: {name} {command.usage}")


def _wanted(low: int, high: int | None) -> str:
    def some(number: int) -> str:
        return f"{number} argument" + ("" if number == 1 else "s")

    if high is None:
        return f"requires at least {some(low)}"
    if high == 0:
        return "accepts no arguments"
    if low == high:
        return f"requires {some(low)}"
    if low == 0:
        return f"requires at most {some(high)}"
    return f"requires at least {low} and at most {some(high)}"
