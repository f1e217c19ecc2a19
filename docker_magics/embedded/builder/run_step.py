"""RUN: a command in a container, whose changes become a layer.

source: Dockerfile reference, "RUN"; moby builder/dockerfile/dispatchers.go: dispatchRun.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...wire.dockerfile import Instruction
from ..records.container import Container
from ..storage.rootfs import Rootfs
from .arguments import BuildArguments
from .base_images import BaseImages
from .image_files import ImageFiles
from .messages import Messages, MessagesThen, Output, StepFailed
from .options import BuildOptions
from .run import command_of
from .run_flags import RunFlags, parse_flags, plan_mounts
from .stages import Stage
from .step_containers import StepContainers
from .step_images import StepImages, config_of

#: Runs a container, and yields its output; see `run.run_container`.
Run = Callable[[Container], Iterator[tuple[str, bytes] | None]]


class RunStep:
    """Executes the RUN instructions of one build.

    Args:
        options: the build's.
        context: the folder of the context.
        caches: holds the folders of `--mount=type=cache`.
        output: the build's.
        arguments: the build's.
        base_images: find the images of `--mount=from=`.
        files: give access to their files.
        images: give stages their next image.
        containers: create and remove the containers.
        run: runs one.
    """

    def __init__(
        self,
        options: BuildOptions,
        context: Path,
        caches: Path,
        output: Output,
        arguments: BuildArguments,
        base_images: BaseImages,
        files: ImageFiles,
        images: StepImages,
        containers: StepContainers,
        run: Run,
    ) -> None:
        self._options = options
        self._context = context
        self._caches = caches
        self._output = output
        self._arguments = arguments
        self._base_images = base_images
        self._files = files
        self._images = images
        self._containers = containers
        self._run = run

    def execute(self, stage: Stage, instruction: Instruction) -> Messages:
        """Execute a RUN."""
        command = command_of(instruction, stage.shell)
        variables = self._arguments.variables(stage)
        network_mode = self._options.host_config.get("NetworkMode", "")
        flags = parse_flags(instruction, variables, network_mode)
        created_by = self._created_by(stage, command)
        if self._images.use_cache(stage, created_by):
            yield from self._output.using_cache()
            return
        with contextlib.ExitStack() as stack:
            roots = yield from self._source_roots(flags, stack)

            def copy_of(root: Rootfs, path: str) -> Path:
                return stack.enter_context(self._files.copy_of(root, path))

            mounts = plan_mounts(flags.mounts, roots, stage.workdir, self._cache_folder, copy_of)
            request = self._request(stage, command, flags)
            container = yield from self._containers.create(request, mounts)
            yield from self._run_container(container, command)
            self._images.commit_container(stage, created_by, container)
            yield from self._containers.remove(container)

    def _created_by(self, stage: Stage, command: list[str]) -> str:
        """Return a command as histories show it: with the number of build arguments, and these."""
        if not self._arguments.environment(stage):
            return " ".join(command)
        arguments = self._arguments.in_history(stage)
        return " ".join([f"|{len(arguments)}", *arguments, *command])

    def _source_roots(
        self, flags: RunFlags, stack: contextlib.ExitStack
    ) -> MessagesThen[dict[str, Rootfs]]:
        """Return the files of `--mount=from=`, by name; they exist until the stack is closed."""
        roots = {"": stack.enter_context(Rootfs(self._context))}
        for name in flags.sources:
            if name not in roots:
                image = yield from self._base_images.source(name)
                roots[name] = stack.enter_context(self._files.of(image))
        return roots

    def _cache_folder(self, cache_id: str) -> Path:
        folder = self._caches / hashlib.sha256(cache_id.encode()).hexdigest()[:32]
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask
        return folder

    def _request(self, stage: Stage, command: list[str], flags: RunFlags) -> dict[str, Any]:
        """Return the API's ContainerCreate of a RUN."""
        network = {"NetworkMode": flags.network} if flags.network in {"none", "host"} else {}
        environment = [*(stage.config.get("Env") or []), *self._arguments.environment(stage)]
        return config_of(stage) | {
            "Cmd": command or stage.config.get("Cmd"),
            "Entrypoint": [""],
            "Env": environment,
            "Healthcheck": {"Test": ["NONE"]},
            "Image": stage.image_id,
            "HostConfig": self._options.host_config | network,
        }

    def _run_container(self, container: Container, command: list[str]) -> Messages:
        for piece in self._run(container):
            if piece is None:
                yield None
            else:
                yield from self._output.process_output(*piece)
        code = container.state["ExitCode"]
        if code:
            if self._options.force_remove:
                yield from self._containers.remove(container)
            raise StepFailed(" ".join(command), code)
