"""The images of steps: from the cache, or committed.

source: moby builder/dockerfile/internals.go, dispatchers.go.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..dockerfile.run_config import RunConfig
from ..images.commit import Step, commit
from ..images.platforms import Platform
from ..images.store import ImageStore
from ..records.container import Container
from ..storage.driver import StorageDriver
from ..storage.rootfs import Rootfs
from .cache import Cache
from .image_files import ImageFiles
from .messages import Messages, Output
from .stages import Stage
from .step_containers import StepContainers

#: Marks steps that run no command, in histories.
_NOP = "#(nop)"
#: Instructions whose mark is followed by one space fewer.
_FILE_INSTRUCTIONS = frozenset({"ADD", "COPY", "WORKDIR"})


class StepImages:
    """Gives a stage the image of its next step.

    Args:
        images: receives the images.
        cache: searched first.
        storage: has the changes of containers.
        files: give access to images' files.
        containers: the build's.
        output: the build's.
        platform: which images without a base are built for.
    """

    def __init__(
        self,
        images: ImageStore,
        cache: Cache,
        storage: StorageDriver,
        files: ImageFiles,
        containers: StepContainers,
        output: Output,
        platform: Platform,
    ) -> None:
        self._images = images
        self._cache = cache
        self._storage = storage
        self._files = files
        self._containers = containers
        self._output = output
        self._platform = platform

    def use_cache(self, stage: Stage, created_by: str) -> bool:
        """Whether the cache has the step; if so, its image becomes the stage's."""
        image = None
        if stage.cached:
            image = self._cache.find(stage.image, created_by, stage.config)
        stage.cached = image is not None
        stage.image = image or stage.image
        return image is not None

    def commit_config(self, stage: Stage, comment: str, folder: str = "") -> Messages:
        """Commit a step that changes the config, by a container that never runs.

        Args:
            stage: its config is changed already.
            comment: the step, for the history.
            folder: is created unless it is empty.
        """
        command = _no_operation(stage, comment)
        created_by = " ".join(command)
        if self.use_cache(stage, created_by):
            yield from self._output.using_cache()
            return
        request = config_of(stage) | {
            "Cmd": command,
            "Entrypoint": None,
            "Healthcheck": None,
            "Image": stage.image_id,
            "Volumes": None,
        }
        container = yield from self._containers.create(request, [], folder)
        # recorded only: the container gets no volumes
        container.config["Volumes"] = stage.config.get("Volumes")
        self.commit_container(stage, created_by, container)
        yield from self._containers.remove(container)

    def commit_files(
        self, stage: Stage, comment: str, change: Callable[[Rootfs], None]
    ) -> Messages:
        """Commit a step that changes files without running a command.

        Args:
            stage: the stage.
            comment: the step, for the history.
            change: changes the files.
        """
        created_by = " ".join(_no_operation(stage, comment))
        if self.use_cache(stage, created_by):
            yield from self._output.using_cache()
            return
        with self._files.layer_on(stage.image) as layer:
            with self._files.root_of(layer) as root:
                change(root)
            self._commit(stage, created_by, self._storage.changes(layer), None)

    def commit_container(self, stage: Stage, created_by: str, container: Container) -> None:
        """Commit the changes of a step's container."""
        self._commit(stage, created_by, self._storage.changes(container.layer), container)

    def _commit(
        self, stage: Stage, created_by: str, changes: Path, container: Container | None
    ) -> None:
        run_config: RunConfig = {**copy.deepcopy(stage.config), "Image": stage.image_id}
        step = Step(created_by, "", stage.draft.author, container, self._platform)
        stage.image = commit(self._images, stage.image, changes, run_config, step)


def config_of(stage: Stage) -> dict[str, Any]:
    """Return a stage's config as a request for a container."""
    return {**copy.deepcopy(stage.config)}


def _no_operation(stage: Stage, comment: str) -> list[str]:
    """Return the command that histories show for a step that runs none."""
    if comment.partition(" ")[0] in _FILE_INSTRUCTIONS:
        return [*stage.shell, f"{_NOP} {comment}"]
    return [*stage.shell, f"{_NOP} ", comment]
