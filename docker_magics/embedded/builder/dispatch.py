"""Execute the instructions of a stage.

Instructions that only change the config are in the table of `dockerfile/instructions.py`; the
others have a handler here.

source: moby builder/dockerfile/dispatchers.go.
"""

from __future__ import annotations

from collections.abc import Callable

from ...wire import dockerfile
from ...wire.dockerfile import Instruction
from ..dockerfile.instructions import INSTRUCTIONS, Change
from ..dockerfile.validate import validate
from ..errors import BadParameter
from ..images.image import Image
from ..images.platforms import Platform, parse_platform
from .arguments import BuildArguments
from .base_images import BaseImages
from .copy_step import CopyStep
from .messages import Messages, Output
from .options import BuildOptions
from .run_step import RunStep
from .stages import Stage, Stages, stage_name
from .step_images import StepImages

Handler = Callable[[Stage, Instruction], Messages]


class Dispatcher:
    """Executes the instructions of one build.

    Attributes:
        handlers: execute the instructions of a stage that do more than change the config.

    Args:
        options: the build's.
        output: the build's.
        arguments: the build's.
        stages: the build's.
        base_images: find images and stages.
        images: give stages their next image.
        copy_step: executes COPY and ADD.
        run_step: executes RUN.
    """

    def __init__(
        self,
        options: BuildOptions,
        output: Output,
        arguments: BuildArguments,
        stages: Stages,
        base_images: BaseImages,
        images: StepImages,
        copy_step: CopyStep,
        run_step: RunStep,
    ) -> None:
        self._options = options
        self._output = output
        self._arguments = arguments
        self._stages = stages
        self._base_images = base_images
        self._images = images
        self.handlers: dict[str, Handler] = {
            "ADD": copy_step.execute,
            "ARG": self._arg,
            "COPY": copy_step.execute,
            "RUN": run_step.execute,
        }

    def dispatch(self, instruction: Instruction) -> Messages:
        """Execute an instruction.

        Raises:
            BadParameter: its variables make it invalid.
            ApiError: it fails.
        """
        if instruction.keyword == "FROM":
            yield from self._from(instruction)
        elif not self._stages:
            self._arguments.declare_global(instruction)
            return
        else:
            yield from self._in_stage(instruction)
        yield from self._output.image(self._stages.current.image)

    def _in_stage(self, instruction: Instruction) -> Messages:
        change = INSTRUCTIONS[instruction.keyword].change
        if change is not None:
            yield from self._change(self._stages.current, instruction, change)
        else:
            yield from self.handlers[instruction.keyword](self._stages.current, instruction)

    def _change(self, stage: Stage, instruction: Instruction, change: Change) -> Messages:
        """Execute an instruction that changes the config."""
        if instruction.keyword == "HEALTHCHECK":
            test = (stage.config.get("Healthcheck") or {}).get("Test") or ["NONE"]
            if test[0] != "NONE":
                yield from self._output.text(
                    f"Note: overriding previous HEALTHCHECK: [{' '.join(test)}]\n"
                )
        comment = change(stage.draft, instruction, self._arguments.variables(stage))
        folder = stage.workdir if instruction.keyword == "WORKDIR" else ""
        yield from self._images.commit_config(stage, comment, folder)

    # --- FROM and ARG

    def _from(self, instruction: Instruction) -> Messages:
        name = self._arguments.global_variables.expand(instruction.args[0])
        if not name:
            raise BadParameter(f"base name ({instruction.args[0]}) should not be blank")
        image = yield from self._base_images.base(name, self._platform(instruction))
        stage = Stage(stage_name(instruction))
        stage.start_from(image)
        self._stages.add(stage)
        if image is not None:
            yield from self._triggers(image)

    def _platform(self, instruction: Instruction) -> Platform | None:
        """Return the platform of `FROM --platform`, or of the request; None for any."""
        platform = self._options.platform if self._options.platform_given else None
        for flag in instruction.flags:
            text = self._arguments.global_variables.expand(flag.partition("=")[2])
            try:
                platform = parse_platform(text) if text else platform
            except BadParameter as error:
                raise BadParameter(f"failed to parse platform {text}: {error}") from error
        return platform

    def _triggers(self, image: Image) -> Messages:
        """Execute the ONBUILD triggers of a base image."""
        triggers = image.run_config.get("OnBuild") or []
        if triggers:
            yield from self._output.triggers(len(triggers))
        for text in triggers:
            for instruction in _parse(text):
                validate(instruction)
                yield from self._in_stage(instruction)

    def _arg(self, stage: Stage, instruction: Instruction) -> Messages:
        comment = self._arguments.declare(stage, instruction)
        yield from self._images.commit_config(stage, comment)


def _parse(trigger: str) -> tuple[Instruction, ...]:
    try:
        return dockerfile.parse(trigger).instructions
    except dockerfile.DockerfileError as error:
        raise BadParameter(str(error)) from error
