"""Creating containers.

source: Engine API, ContainerCreate; moby daemon/create.go.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Mapping
from typing import Any

from .. import clock
from ..errors import BadParameter, NotFound
from ..images.image import Image
from ..images.platforms import Platform
from ..images.store import ImageStore
from ..networks.attachment import Attachments
from ..records.config import ContainerConfig
from ..records.container import Container, ContainerRecord
from ..records.host_config import HostConfig
from ..records.mount_point import MountPoint
from ..records.state import new_state
from ..runtime.cgroup import Cgroups
from ..runtime.spec import MountSpec
from ..state import remove_tree
from ..storage.base_layers import BaseLayers
from ..volumes.service import Volumes
from . import merge, mounts, validate, warnings
from .events import ContainerEvents
from .mount_versions import RECURSIVELY_READ_ONLY
from .populate import Populator
from .removal import Removal
from .store import ContainerStore

#: Files of the container's folder that networks write and the runtime bind-mounts.
_FILES = ("hosts", "hostname", "resolv.conf")


class ContainerCreator:
    """Creates containers; a creation that fails leaves nothing.

    Args:
        store: receives them.
        events: receives create.
        images: what they are created from.
        volumes: are created where they do not exist yet.
        networks: get their endpoints.
        base_layers: complete the image's layers.
        cgroups: decide which limits have an effect.
        populator: writes the first files.
        removal: removes the anonymous volumes of a failed creation.
    """

    def __init__(
        self,
        store: ContainerStore,
        events: ContainerEvents,
        images: ImageStore,
        volumes: Volumes,
        networks: Attachments,
        base_layers: BaseLayers,
        cgroups: Cgroups,
        populator: Populator,
        removal: Removal,
    ) -> None:
        self._store = store
        self._events = events
        self._images = images
        self._volumes = volumes
        self._networks = networks
        self._base_layers = base_layers
        self._cgroups = cgroups
        self._populator = populator
        self._removal = removal

    def create(
        self,
        request: Mapping[str, Any],
        name: str = "",
        platform: Platform | None = None,
        *,
        version: tuple[int, int] = RECURSIVELY_READ_ONLY,
        build_mounts: list[MountSpec] | None = None,
    ) -> tuple[Container, list[str]]:
        """Create a container.

        Args:
            request: the API's ContainerCreate.
            name: its name; one is generated if it is empty.
            platform: which the image must have; None for any.
            version: of the API that the client uses.
            build_mounts: further mounts, of a build step (`RUN --mount`); its container is removed
                when the engine starts again.

        Returns:
            The container, and warnings about options without an effect.

        Raises:
            NotFound: no such image.
            Conflict: the name is taken.
            BadParameter: a value is invalid.
        """
        image = None
        if request.get("Image"):
            image = self._images.resolve(request["Image"], platform)
        try:
            config, host_config = self._configs(request, image)
            points = mounts.plan(config, host_config, self._mounts_of, version)
            texts = [
                *warnings.of_host_config(host_config, self._cgroups),
                *warnings.of_volume_driver(host_config, version),
            ]
            if image is not None and platform is None:
                texts = [*warnings.of_platform(image.platform), *texts]
            warnings.discard_unsupported(host_config)
            container = self._create(
                name, config, host_config, image, points, build_mounts, request
            )
        except NotFound as error:  # a 404 would mean to clients that the image is missing
            raise BadParameter(str(error)) from error
        self._events.publish(container, "create")
        return container, texts

    def _configs(
        self, request: Mapping[str, Any], image: Image | None
    ) -> tuple[ContainerConfig, HostConfig]:
        config = merge.container_config(request, image.run_config if image else None)
        host_config = validate.host_config(
            request.get("HostConfig") or {}, self._store, self._cgroups.version
        )
        validate.check_conflicts(request, host_config)
        return config, host_config

    def _create(
        self,
        name: str,
        config: ContainerConfig,
        host_config: HostConfig,
        image: Image | None,
        points: list[MountPoint],
        build_mounts: list[MountSpec] | None,
        request: Mapping[str, Any],
    ) -> Container:
        container_id = secrets.token_hex(32)
        name = self._store.reserve_name(name, container_id)
        folder = self._store.folder(container_id)
        container = None
        try:
            folder.mkdir(mode=0o700)
            record = self._record(container_id, name, config, host_config, image, points)
            if build_mounts is not None:
                record["ExtraMounts"], record["OfBuild"] = build_mounts, True
            container = Container(folder, record)
            mounts.find_images(record["Mounts"], self._images, folder)
            mounts.create_volumes(record["Mounts"], self._volumes)
            self._networks.prepare(container, request.get("NetworkingConfig") or {})
            _create_files(container)
            with container.lock:  # prevents its removal before it is complete
                self._store.add(container)
                self._populator.create_working_directory(container)
                self._populator.fill_volumes(container)
                container.write()
        except BaseException:
            self._undo(container_id, name, container)
            raise
        return container

    def _record(
        self,
        container_id: str,
        name: str,
        config: ContainerConfig,
        host_config: HostConfig,
        image: Image | None,
        points: list[MountPoint],
    ) -> ContainerRecord:
        has_hostname = bool(config["Hostname"])
        if not has_hostname:
            shares_host = host_config["NetworkMode"] == "host"
            config["Hostname"] = socket.gethostname() if shares_host else container_id[:12]
        command = [*(config["Entrypoint"] or []), *(config["Cmd"] or [])]
        return {
            "Id": container_id,
            "Created": clock.stamp(),
            "Name": name,
            "Path": command[0],
            "Args": command[1:],
            "Image": image.id if image else "",
            "Layers": self._base_layers.complete(image.layers if image else ()),
            "Config": config,
            "HostConfig": host_config,
            "Networks": {},
            "State": new_state(),
            "Mounts": points,
            "RestartCount": 0,
            "RestartDelay": 0.0,
            "HasHostname": has_hostname,
            "ManuallyStopped": False,
        }

    def _mounts_of(self, name: str) -> list[MountPoint]:
        return self._store.get(name).record["Mounts"]

    def _undo(self, container_id: str, name: str, container: Container | None) -> None:
        """Remove everything that a failed creation has made."""
        with container.lock if container else contextlib.nullcontext():
            self._store.discard(container_id, container.name if container else name)
            if container is not None:
                container.removed = True
                self._removal.remove_volumes(container.record["Mounts"])
        folder = self._store.folder(container_id)
        if folder.exists():
            remove_tree(folder)


def _create_files(container: Container) -> None:
    container.layer.create()
    for name in _FILES:
        (container.folder / name).touch(mode=0o644)
        (container.folder / name).chmod(0o644)  # whatever the umask
