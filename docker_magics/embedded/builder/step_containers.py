"""The containers of steps."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping
from typing import Any

from ..containers.create import ContainerCreator
from ..containers.removal import Removal
from ..errors import ApiError
from ..records.container import Container
from ..runtime.spec import MountSpec
from .image_files import ImageFiles
from .messages import Messages, MessagesThen, Output
from .options import BuildOptions


class StepContainers:
    """Creates and removes the containers of one build's steps.

    If the engine is killed, they are removed at its next start.

    Args:
        creator, removal: create and remove containers.
        files: give access to their files.
        options: the build's: `--rm`, `--force-rm`.
        output: the build's.
        cancelled: set when the build is cancelled.
    """

    def __init__(
        self,
        creator: ContainerCreator,
        removal: Removal,
        files: ImageFiles,
        options: BuildOptions,
        output: Output,
        cancelled: threading.Event,
    ) -> None:
        self._creator = creator
        self._removal = removal
        self._files = files
        self._options = options
        self._output = output
        self._cancelled = cancelled
        self._containers: list[Container] = []

    def create(
        self, request: Mapping[str, Any], mounts: list[MountSpec], folder: str = ""
    ) -> MessagesThen[Container]:
        """Create a step's container.

        Args:
            request: the API's ContainerCreate.
            mounts: further mounts.
            folder: is created in it unless it is empty.

        Raises:
            ApiError: it cannot be created, or `folder` is a file.
        """
        container, warnings = self._creator.create(request, build_mounts=mounts)
        self._containers.append(container)
        if folder:
            self._create_folder(container, folder)
        yield from self._output.running(container.id, warnings)
        return container

    def _create_folder(self, container: Container, path: str) -> None:
        with self._files.root_of(container.layer) as root:
            try:
                os.close(root.make_dirs(path))
            except (FileExistsError, NotADirectoryError):
                self._discard(container)
                raise ApiError(f"Cannot mkdir: {path} is not a directory") from None

    def remove(self, container: Container) -> Messages:
        """Remove the container of a step that ended, unless the user keeps them."""
        if self._options.remove or self._options.force_remove:
            self._discard(container)
            yield from self._output.removed(container.id)

    def _discard(self, container: Container) -> None:
        self._removal.remove(container, force=True, volumes=True)
        self._containers.remove(container)

    def close(self) -> None:
        """Remove the containers of steps that failed, or hand them over to the user."""
        removes = self._options.force_remove or self._cancelled.is_set()
        for container in self._containers:
            if removes or container.process is not None:
                with contextlib.suppress(ApiError):
                    self._removal.remove(container, force=True, volumes=True)
            else:
                del container.record["OfBuild"]
                container.save()
