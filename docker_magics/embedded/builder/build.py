"""One build: all steps, and the result.

source: moby builder/dockerfile/builder.go.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator

from ..dockerfile.validate import validate_all
from ..errors import ApiError, BadParameter, NotFound
from ..images.image import Image
from ..images.store import ImageStore
from .arguments import BuildArguments
from .base_images import BaseImages
from .cache import Cache
from .context import Context
from .copy_step import CopyStep
from .dispatch import Dispatcher
from .image_files import ImageFiles
from .messages import Messages, Output
from .options import BuildOptions
from .parts import BuildParts
from .run import run_container
from .run_step import RunStep
from .stages import Stage, Stages, up_to_target
from .step_containers import StepContainers
from .step_images import StepImages


class Build:
    """Builds an image from a context.

    Args:
        parts: the engine's parts.
        options: the request's.
        context: the files and the Dockerfile.
        cancelled: is set when the build is cancelled.

    Raises:
        BadParameter: the Dockerfile has a syntax error, or no such target.
    """

    def __init__(
        self, parts: BuildParts, options: BuildOptions, context: Context, cancelled: threading.Event
    ) -> None:
        self._store = parts.images
        self._options = options
        self._dockerfile = context.parse()
        self._stages = Stages()
        self._output = Output(quiet=options.quiet)
        self._arguments = BuildArguments(
            options.arguments, options.platform, self._dockerfile.escape
        )
        files = ImageFiles(parts.tmp, parts.base_layers, parts.storage, parts.supervisor)
        self._containers = StepContainers(
            parts.creator, parts.removal, files, options, self._output, cancelled
        )
        self._images = StepImages(
            parts.images,
            Cache(
                parts.images,
                _cache_sources(parts.images, options.cache_from),
                enabled=not options.no_cache,
            ),
            parts.storage,
            files,
            self._containers,
            self._output,
            options.platform,
        )
        base_images = BaseImages(parts.images, parts.pull, options, self._stages, self._output)
        run = functools.partial(run_container, lifecycle=parts.lifecycle, events=parts.events)
        shared = (self._output, self._arguments, base_images, files, self._images)
        self._dispatcher = Dispatcher(
            options,
            self._output,
            self._arguments,
            self._stages,
            base_images,
            self._images,
            CopyStep(context.folder, parts.tmp, *shared),
            RunStep(options, context.folder, parts.caches, *shared, self._containers, run),
        )

    def run(self) -> Messages:
        """Execute all steps, and yield the messages; a quiet build yields them if it fails.

        Raises:
            BadParameter: an invalid instruction.
            ApiError: a step fails.
        """
        try:
            yield from self._steps()
            yield from self._finish()
        except (ApiError, OSError):
            yield from self._output.withheld
            raise
        finally:
            self._containers.close()

    def _steps(self) -> Messages:
        validate_all(self._dockerfile.instructions)
        instructions = up_to_target(self._dockerfile.instructions, self._options.target)
        self._output.steps = len(instructions) + len(self._options.labels)
        yield from self._output.parser_warnings(self._dockerfile.warnings)
        for instruction in instructions:
            self._stages.check_name(instruction)
            yield from self._output.step(instruction.text)
            yield from self._dispatcher.dispatch(instruction)
        for key, value in sorted(self._options.labels.items()):
            yield from self._add_label(self._stages.current, key, value)

    def _add_label(self, stage: Stage, key: str, value: str) -> Messages:
        """Execute a `--label` as a LABEL at the end."""
        stage.config["Labels"] = {**(stage.config.get("Labels") or {}), key: value}
        comment = f"LABEL {key}={value}"
        yield from self._output.step(comment)
        yield from self._images.commit_config(stage, comment)
        yield from self._output.image(stage.image)

    def _finish(self) -> Messages:
        yield from self._output.unused_arguments(self._arguments.unused())
        image = self._stages.current.image
        if image is None:
            raise BadParameter("No image was generated. Is your Dockerfile empty?")
        yield from self._output.built(image)
        for tag in self._options.tags:
            self._store.tag(image, tag)
            yield from self._output.text(f"Successfully tagged {tag.familiar}\n")


def _cache_sources(images: ImageStore, names: list[str]) -> list[Image] | None:
    """Return the images of `--cache-from` that exist; None if it is not given."""
    return list(_existing(images, names)) if names else None


def _existing(images: ImageStore, names: list[str]) -> Iterator[Image]:
    for name in names:
        with contextlib.suppress(NotFound, BadParameter):
            yield images.resolve(name)
