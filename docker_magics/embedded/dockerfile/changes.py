"""`docker commit --change` and `docker import --change`.

source: moby builder/dockerfile/builder.go: BuildFromConfig.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...wire import dockerfile
from ...wire.dockerfile import Instruction
from ..errors import BadParameter
from .instructions import INSTRUCTIONS, Change
from .run_config import ImageDraft, RunConfig, environment
from .validate import validate
from .variables import Variables


def apply_changes(config: RunConfig, changes: Sequence[str]) -> None:
    """Apply instructions to a config, in place. All are checked before the first is applied.

    Args:
        config: what containers of an image run by default.
        changes: one instruction or more each, such as `CMD ["sh"]`.

    Raises:
        BadParameter: an instruction is invalid, or does not change a config.
    """
    if not changes:
        return
    try:
        instructions = dockerfile.parse("\n".join(changes)).instructions
    except dockerfile.DockerfileError as error:
        raise BadParameter(str(error)) from error
    pairs = [(instruction, _change_of(instruction)) for instruction in instructions]
    draft = ImageDraft(config)
    for instruction, change in pairs:
        change(draft, instruction, Variables(environment(config)))


def _change_of(instruction: Instruction) -> Change:
    instruction_type = INSTRUCTIONS.get(instruction.keyword)
    change = instruction_type.change if instruction_type else None
    if instruction_type is None or change is None or not instruction_type.in_changes:
        raise BadParameter(f"{instruction.keyword} is not a valid change command")
    validate(instruction)
    return change
