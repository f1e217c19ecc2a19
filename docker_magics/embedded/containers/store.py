"""The records and names of all containers.

ROOT/containers/ID/     a folder for each container, see `records/container.py`

source: moby daemon/names.go, container/view.go.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from ..errors import BadParameter, Conflict, NotFound
from ..records.container import Container
from ..state import read_json, remove_leftover
from . import names

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_RULE = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"


class ContainerStore:
    """Finds containers by name or ID, and reserves names. Safe to use from any thread.

    Lock order: a container's `lock`, then the store's `_lock`, or those of images, volumes,
    networks and events. The store's guards its two dicts alone: whoever holds it takes no other
    lock and does no I/O. No thread holds the locks of two containers.

    Args:
        folder: holds a folder for each container.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._containers: dict[str, Container] = {}
        self._ids_by_name: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            self._load(path)

    def _load(self, path: Path) -> None:
        if not (path / "config.json").exists():
            remove_leftover(path)  # its creation or removal was interrupted
            return
        container = Container(path, read_json(path / "config.json"))
        container.remove_exec_files()
        self._containers[container.id] = container
        self._ids_by_name[container.name] = container.id

    def folder(self, container_id: str) -> Path:
        """Return where a container's files belong."""
        return self._folder / container_id

    def all(self) -> list[Container]:
        """Return every container, the newest first."""
        return sorted(
            self._containers.copy().values(),
            key=lambda container: container.record["Created"],
            reverse=True,
        )

    def get(self, text: str) -> Container:
        """Return the container of a name, an ID or an ID's prefix.

        Raises:
            NotFound: no such container.
            BadParameter: the text is empty, or the prefix is ambiguous.
        """
        if not text:
            raise BadParameter('invalid name or ID supplied: ""')
        key = text.removeprefix("/")
        container_id = key if key in self._containers else self._ids_by_name.get(key, "")
        if container := self._containers.get(container_id):
            return container
        return self._by_prefix(text, key)

    def _by_prefix(self, text: str, prefix: str) -> Container:
        containers = self._containers.copy()
        matching = [container for id_, container in containers.items() if id_.startswith(prefix)]
        if prefix and len(matching) == 1:
            return matching[0]
        if prefix and matching:
            raise BadParameter(f"Multiple IDs found with provided prefix: {prefix}")
        raise NotFound(f"No such container: {text}")

    def using_image(self, image_id: str) -> list[Container]:
        """Return the containers that were created from an image, or mount it."""
        return [container for container in self.all() if image_id in container.image_ids]

    def reserve_name(self, name: str, container_id: str) -> str:
        """Reserve a name for a container that is about to be created.

        Args:
            name: the name wanted; one is generated where it is empty.
            container_id: the container's.

        Returns:
            The name, without a slash.

        Raises:
            BadParameter: the name is invalid.
            Conflict: the name is taken.
        """
        name = name.removeprefix("/")
        if name and not _NAME.fullmatch(name):
            raise BadParameter(f"Invalid container name ({name}), {_RULE}")
        with self._lock:
            name = name or names.generate(self._ids_by_name)
            self._check_free(name)
            self._ids_by_name[name] = container_id
        return name

    def add(self, container: Container) -> None:
        """Add a container whose name is reserved."""
        with self._lock:
            self._containers[container.id] = container

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name; the caller holds its lock and saves its record.

        Raises:
            BadParameter: the name is invalid.
            Conflict: the name is taken.
        """
        prefix = "Error when allocating new name: "
        if not _NAME.fullmatch(name):
            raise BadParameter(f"{prefix}Invalid container name (/{name}), {_RULE}")
        with self._lock:
            try:
                self._check_free(name)
            except Conflict as error:
                raise Conflict(f"{prefix}{error}") from error
            self._ids_by_name[name] = self._ids_by_name.pop(container.name)
            container.record["Name"] = name

    def _check_free(self, name: str) -> None:
        if name in self._ids_by_name:
            raise Conflict(
                f'Conflict. The container name "/{name}" is already in use by container'
                f' "{self._ids_by_name[name]}". You have to remove (or rename) that container to be'
                " able to reuse that name."
            )

    def discard(self, container_id: str, name: str) -> None:
        """Forget a container and free its name. Idempotent."""
        with self._lock:
            self._containers.pop(container_id, None)
            if self._ids_by_name.get(name) == container_id:
                del self._ids_by_name[name]
