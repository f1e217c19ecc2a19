"""The check of all instructions before any is executed.

source: moby/buildkit, frontend/dockerfile/instructions/parse.go, bflag.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...wire.dockerfile import Instruction
from ..errors import BadParameter
from .instructions import INSTRUCTIONS, ArgumentCount, FlagType, InstructionType


def validate_all(instructions: Iterable[Instruction]) -> None:
    """Reject a Dockerfile with an invalid instruction.

    Raises:
        BadParameter: with the line.
    """
    in_stage = False
    for instruction in instructions:
        try:
            validate(instruction)
        except BadParameter as error:
            message = f"dockerfile parse error on line {instruction.line}: {error}"
            raise BadParameter(message) from error
        in_stage = in_stage or instruction.keyword == "FROM"
        if not in_stage and instruction.keyword != "ARG":
            raise BadParameter("no build stage in current context")
    if not in_stage:
        raise BadParameter("no build stage in current context")


def validate(instruction: Instruction) -> None:
    """Reject an instruction that is invalid whatever the values of its variables.

    Raises:
        BadParameter: with dockerd's message.
    """
    instruction_type = INSTRUCTIONS.get(instruction.keyword)
    if instruction_type is None:
        raise BadParameter(f"unknown instruction: {instruction.keyword}")
    _check_count(instruction, instruction_type.count)
    _check_flags(instruction, instruction_type)
    if instruction.trigger is not None:
        _check_trigger(instruction.trigger.keyword)
    if instruction_type.check is not None:
        instruction_type.check(instruction)


def _check_count(instruction: Instruction, required: ArgumentCount) -> None:
    keyword, count = instruction.keyword, len(instruction.args)
    match required:
        case ArgumentCount.ONE if count != 1:
            raise BadParameter(f"{keyword} requires exactly one argument")
        case ArgumentCount.AT_LEAST_ONE if not count:
            raise BadParameter(f"{keyword} requires at least one argument")
        case ArgumentCount.SOURCES_AND_TARGET if count + len(instruction.heredocs) < 2:
            raise BadParameter(f"{keyword} requires at least two arguments, but only one was provided. Destination could not be determined")  # fmt: skip  # noqa: E501


def _check_flags(instruction: Instruction, instruction_type: InstructionType) -> None:
    if instruction_type.flags is None:
        return
    seen = set()
    for flag in instruction.flags:
        name, equals, value = flag.removeprefix("--").partition("=")
        flag_type = instruction_type.flags.get(name)
        if flag_type is None:
            raise BadParameter(f"unknown flag: --{name}")
        if name in seen and flag_type is not FlagType.VALUES:
            raise BadParameter(f"duplicate flag specified: --{name}")
        if flag_type is FlagType.SWITCH:
            if equals and value.lower() not in {"true", "false"}:
                raise BadParameter(f"Expecting boolean value for flag {name}, not: {value}")
        elif not equals:
            raise BadParameter(f"missing a value on flag: --{name}")
        seen.add(name)


def _check_trigger(keyword: str) -> None:
    instruction_type = INSTRUCTIONS.get(keyword)
    if keyword == "ONBUILD":
        raise BadParameter("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if instruction_type is not None and not instruction_type.in_onbuild:
        raise BadParameter(f"{keyword} isn't allowed as an ONBUILD trigger")
