"""The stages of a build: image, config and variables of each."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import cast

from ...wire.dockerfile import Instruction
from ..containers.environment import PATH
from ..dockerfile.config_changes import shell_of
from ..dockerfile.run_config import ImageDraft, RunConfig, environment
from ..errors import BadParameter
from ..images.image import Image


@dataclass
class Stage:
    """One stage.

    Attributes:
        name: of `FROM ... AS name`, in lower case; empty for none.
        image: the image that its steps have made so far; None for scratch.
        draft: config and author of the next image.
        arguments: the declared ARGs and their values; None for no value.
        cached: whether the cache had every step so far.
    """

    name: str
    image: Image | None = None
    draft: ImageDraft = field(default_factory=lambda: ImageDraft({}))
    arguments: dict[str, str | None] = field(default_factory=dict)
    cached: bool = True

    @property
    def config(self) -> RunConfig:
        """The defaults for containers of the next image."""
        return self.draft.config

    @property
    def image_id(self) -> str:
        """The ID of its image; empty for scratch."""
        return self.image.id if self.image else ""

    @property
    def workdir(self) -> str:
        """The working directory."""
        return self.config.get("WorkingDir") or "/"

    @property
    def shell(self) -> list[str]:
        """The shell of commands that are one text."""
        return shell_of(self.config)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of ENV and the base image."""
        return environment(self.config)

    @property
    def variables(self) -> dict[str, str]:
        """The variables of instructions: ENV takes precedence over ARG."""
        values = {name: value for name, value in self.arguments.items() if value is not None}
        return values | self.environment

    def start_from(self, image: Image | None) -> None:
        """Begin with the config of a base image."""
        self.image = image
        config = cast("RunConfig", copy.deepcopy(image.run_config) if image else {})
        config["OnBuild"] = None
        if "PATH" not in environment(config):  # source: moby dispatchState.setDefaultPath
            config["Env"] = [*(config.get("Env") or []), PATH]
        self.draft = ImageDraft(config)


class Stages:
    """The stages so far, in their order."""

    def __init__(self) -> None:
        self._stages: list[Stage] = []

    def __bool__(self) -> bool:
        return bool(self._stages)

    @property
    def current(self) -> Stage:
        """The stage of the next instruction."""
        return self._stages[-1]

    def add(self, stage: Stage) -> None:
        """Begin another stage."""
        self._stages.append(stage)

    def check_name(self, instruction: Instruction) -> None:
        """Reject a FROM whose name another stage has.

        Raises:
            BadParameter: the name is taken.
        """
        name = stage_name(instruction) if instruction.keyword == "FROM" else ""
        if name and any(stage.name == name for stage in self._stages):
            raise BadParameter(f"{name} stage name already used")

    def find(self, name: str) -> Stage | None:
        """Return the stage of a name or number; None if there is none."""
        for stage in reversed(self._stages):
            if stage.name and stage.name == name.lower():
                return stage
        if name.isdecimal() and int(name) < len(self._stages):
            return self._stages[int(name)]
        return None


def stage_name(instruction: Instruction) -> str:
    """Return the name of `FROM image AS name`, in lower case; empty for none."""
    return instruction.args[2].lower() if len(instruction.args) == 3 else ""


def up_to_target(instructions: tuple[Instruction, ...], target: str) -> tuple[Instruction, ...]:
    """Return the instructions up to the end of a stage; all if `target` is empty.

    Raises:
        BadParameter: no such stage.
    """
    if not target:
        return instructions
    starts = [at for at, line in enumerate(instructions) if line.keyword == "FROM"]
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        if stage_name(instructions[start]) == target.lower():
            return instructions[:end]
    raise BadParameter(f'target stage "{target}" could not be found')
