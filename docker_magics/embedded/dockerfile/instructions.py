"""The table of Dockerfile instructions: to add one, add its line here.

The check before a build, `--change` and the builder's dispatch read this table. How arguments are
split is the parser's part: `wire/dockerfile.py`.

source: Dockerfile reference; moby/buildkit, frontend/dockerfile/instructions/parse.go, bflag.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from ...wire.dockerfile import Instruction
from . import checks
from . import config_changes as config
from .healthcheck import DURATIONS, change_healthcheck, check_healthcheck
from .run_config import ImageDraft
from .variables import Variables


class ArgumentCount(Enum):
    """The number of arguments that an instruction takes."""

    ANY = auto()
    ONE = auto()
    AT_LEAST_ONE = auto()
    SOURCES_AND_TARGET = auto()


class FlagType(Enum):
    """The values of a flag: one, several, or those of a switch: none, `true` or `false`."""

    VALUE = auto()
    VALUES = auto()
    SWITCH = auto()


Check = Callable[[Instruction], None]
Change = Callable[[ImageDraft, Instruction, Variables], str]


@dataclass(frozen=True)
class InstructionType:
    """One instruction of the language.

    Attributes:
        count: how many arguments it takes.
        flags: the flags that it accepts, without dashes; None if its flags are ignored.
        check: rejects arguments; raises BadParameter.
        change: changes a config and returns the history's comment; None if the builder has a
            method that executes it (`builder/dispatch.py`).
        in_changes: whether `docker commit --change` and `docker import --change` accept it.
        in_onbuild: whether it may be a trigger of ONBUILD.
    """

    count: ArgumentCount = ArgumentCount.ANY
    flags: Mapping[str, FlagType] | None = field(default_factory=dict)
    check: Check | None = None
    change: Change | None = None
    in_changes: bool = False
    in_onbuild: bool = True


_FILE_FLAGS = {
    "chown": FlagType.VALUE,
    "chmod": FlagType.VALUE,
    "exclude": FlagType.VALUES,
    "parents": FlagType.SWITCH,
    "link": FlagType.SWITCH,
}
_ADD_FLAGS = {**_FILE_FLAGS, "checksum": FlagType.VALUE, "keep-git-dir": FlagType.SWITCH}
_COPY_FLAGS = {**_FILE_FLAGS, "from": FlagType.VALUE}
_RUN_FLAGS = {
    "mount": FlagType.VALUES,
    "network": FlagType.VALUE,
    "security": FlagType.VALUE,
}
_HEALTH_FLAGS = dict.fromkeys([*DURATIONS, "retries"], FlagType.VALUE)
_ANY, _ONE, _SOME = ArgumentCount.ANY, ArgumentCount.ONE, ArgumentCount.AT_LEAST_ONE
_PATHS = ArgumentCount.SOURCES_AND_TARGET

INSTRUCTIONS: Mapping[str, InstructionType] = {
    "ADD": InstructionType(_PATHS, _ADD_FLAGS),
    "ARG": InstructionType(_SOME, None, checks.check_arg),
    "CMD": InstructionType(_ANY, change=config.change_cmd, in_changes=True),
    "COPY": InstructionType(_PATHS, _COPY_FLAGS),
    "ENTRYPOINT": InstructionType(_ANY, change=config.change_entrypoint, in_changes=True),
    "ENV": InstructionType(
        _SOME, check=checks.check_pairs, change=config.change_env, in_changes=True
    ),
    "EXPOSE": InstructionType(_SOME, change=config.change_expose, in_changes=True),
    "FROM": InstructionType(
        _ANY, {"platform": FlagType.VALUE}, checks.check_from, in_onbuild=False
    ),
    "HEALTHCHECK": InstructionType(
        _SOME, _HEALTH_FLAGS, check_healthcheck, change_healthcheck, in_changes=True
    ),
    "LABEL": InstructionType(
        _SOME, check=checks.check_pairs, change=config.change_label, in_changes=True
    ),
    "MAINTAINER": InstructionType(_ONE, change=config.change_maintainer, in_onbuild=False),
    "ONBUILD": InstructionType(
        _SOME, change=config.change_onbuild, in_changes=True, in_onbuild=False
    ),
    "RUN": InstructionType(_ANY, _RUN_FLAGS),
    "SHELL": InstructionType(_SOME, check=checks.check_shell, change=config.change_shell),
    "STOPSIGNAL": InstructionType(_ONE, None, change=config.change_stopsignal, in_changes=True),
    "USER": InstructionType(_ONE, change=config.change_user, in_changes=True),
    "VOLUME": InstructionType(
        _SOME, check=checks.check_volume, change=config.change_volume, in_changes=True
    ),
    "WORKDIR": InstructionType(_ONE, change=config.change_workdir, in_changes=True),
}
