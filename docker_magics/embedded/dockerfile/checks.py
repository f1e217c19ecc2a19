"""Checks of an instruction's arguments, before any instruction is executed.

Each function raises BadParameter with dockerd's message.

source: moby/buildkit, frontend/dockerfile/instructions/parse.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...wire.dockerfile import Instruction
from ..errors import BadParameter

_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")


def check_from(instruction: Instruction) -> None:
    """Require `FROM image` or `FROM image AS name`."""
    args = instruction.args
    if len(args) == 3 and args[1].lower() == "as":
        if not _STAGE_NAME.fullmatch(args[2].lower()):
            raise BadParameter(f'invalid name for build stage: "{args[2]}", name can\'t start with a number or contain symbols')  # fmt: skip  # noqa: E501
    elif len(args) != 1:
        raise BadParameter("FROM requires either one or three arguments")


def check_pairs(instruction: Instruction) -> None:
    """Require the names of `name=value` arguments (ENV, LABEL)."""
    _check_names(instruction.keyword, instruction.args[::2])


def check_arg(instruction: Instruction) -> None:
    """Require the names of `name[=default]` arguments."""
    _check_names("ARG", (arg.partition("=")[0] for arg in instruction.args))


def _check_names(keyword: str, names: Iterable[str]) -> None:
    if not all(names):
        raise BadParameter(f"{keyword} names can not be blank")


def check_shell(instruction: Instruction) -> None:
    """Require the JSON form."""
    if not instruction.is_json:
        raise BadParameter("SHELL requires the arguments to be in JSON form")


def check_volume(instruction: Instruction) -> None:
    """Require paths that are not empty."""
    check_paths(instruction.args)


def check_paths(paths: Iterable[str]) -> None:
    """Reject an empty path of a VOLUME."""
    if not all(path.strip() for path in paths):
        raise BadParameter("VOLUME specified can not be an empty string")
