"""COPY and ADD: plan, cache, copy.

source: moby builder/dockerfile/dispatchers.go: dispatchAdd, dispatchCopy.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from ...wire.dockerfile import Instruction
from ..registry.cancellation import Cancellation, result_of
from ..registry.web import Download, download
from ..storage.rootfs import Rootfs
from .arguments import BuildArguments
from .base_images import BaseImages
from .copy_apply import apply_copy
from .copy_flags import parse_flags
from .copy_plan import plan_copy
from .image_files import ImageFiles
from .messages import Messages, Output
from .stages import Stage
from .step_images import StepImages


class CopyStep:
    """Executes the COPY and ADD instructions of one build.

    Args:
        context: the folder of the context.
        tmp: a folder for downloads.
        output: the build's.
        arguments: the build's.
        base_images: find the image of `--from`.
        files: give access to its files.
        images: give stages their next image.
    """

    def __init__(
        self,
        context: Path,
        tmp: Path,
        output: Output,
        arguments: BuildArguments,
        base_images: BaseImages,
        files: ImageFiles,
        images: StepImages,
    ) -> None:
        self._context = context
        self._tmp = tmp
        self._output = output
        self._arguments = arguments
        self._base_images = base_images
        self._files = files
        self._images = images

    def execute(self, stage: Stage, instruction: Instruction) -> Messages:
        """Execute a COPY or ADD."""
        variables = self._arguments.variables(stage)
        flags = parse_flags(instruction, variables)
        with contextlib.ExitStack() as stack:
            if flags.source:
                image = yield from self._base_images.source(flags.source)
                root = stack.enter_context(self._files.of(image))
            else:
                root = stack.enter_context(Rootfs(self._context))
            cancellation = Cancellation()

            def fetch(url: str) -> Download:
                downloading = download(url, self._tmp, cancellation, "ADD failed: ")
                return stack.enter_context(downloading)

            plan = yield from result_of(
                lambda: plan_copy(root, instruction, variables, flags, stage.workdir, fetch),
                cancellation,
            )
            # the last line of each download's progress
            yield from self._output.progress([{"status": ""}] * plan.downloads)
            comment = f"{instruction.keyword} {flags.as_text()}{plan.label} in {plan.target} "
            yield from self._images.commit_files(
                stage, comment, lambda target: apply_copy(plan, target, flags)
            )
