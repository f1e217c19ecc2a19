"""Collects what a container's specification needs of other objects, and builds it.

source: moby daemon/oci_linux.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import ApiError, NotFound
from ..images.store import ImageStore
from ..namespace_source import namespace_of
from ..networks import links
from ..networks.attachment import Attachments
from ..ports import ContainerLookup
from ..records.container import Container
from ..runtime.spec import ContainerSpec, Namespaces
from ..storage.driver import StorageDriver
from ..volumes.service import Volumes
from . import mount_specs, spec
from .environment import Link, environment


class SpecBuilder:
    """Builds the specifications of containers.

    Args:
        containers: whose namespaces are shared, or that are linked to.
        images: has the images' commands.
        volumes: has the folders that are mounted.
        networks: has the network namespaces.
        storage: prepares root filesystems.
        always_allowed: the system calls that the runtime driver needs.
    """

    def __init__(
        self,
        containers: ContainerLookup,
        images: ImageStore,
        volumes: Volumes,
        networks: Attachments,
        storage: StorageDriver,
        always_allowed: frozenset[str],
    ) -> None:
        self._containers = containers
        self._images = images
        self._volumes = volumes
        self._networks = networks
        self._storage = storage
        self._always_allowed = always_allowed

    def build(self, container: Container) -> ContainerSpec:
        """Return the specification of a container; its root filesystem is prepared.

        Raises:
            Conflict: a container whose namespace it shares does not run.
            BadParameter: a mount is invalid.
            ApiError: a linked container does not run, or the runtime would refuse an option.
        """
        namespaces = self._namespaces(container)
        spec.check(container.host_config, shares_host_name=namespaces.get("uts") == "host")
        surroundings = spec.Surroundings(
            links=tuple(self._links(container)),
            rootfs=self._storage.prepare(
                container.layer, readonly=container.host_config["ReadonlyRootfs"]
            ),
            mounts=mount_specs.of(container, self._volumes, self._storage),
            namespaces=namespaces,
            loopback=self._networks.loopback(container),
            image_command=self._image_command(container),
            always_allowed=self._always_allowed,
        )
        return spec.container_spec(container, surroundings)

    def environment(
        self, container: Container, *, tty: bool, extra: Iterable[str] = ()
    ) -> list[str]:
        """Return the variables of a process of a container: see `environment.environment`.

        Raises:
            ApiError: a linked container does not run.
        """
        return environment(container.config, self._links(container), tty=tty, extra=extra)

    def _image_command(self, container: Container) -> tuple[str, ...]:
        try:
            image = self._images.get(container.record["Image"])
        except NotFound:
            return ()
        return tuple(image.run_config.get("Cmd") or ())

    def _links(self, container: Container) -> Iterator[Link]:
        if "bridge" not in container.networks:
            return
        for name, alias, target in links.of(container, self._containers):
            endpoint = target.endpoints().get("bridge") if target else None
            if target is not None and endpoint is None:
                raise ApiError(f"container {target.id} not attached to default bridge network")
            if target is None or endpoint is None or target.process is None:
                raise ApiError(f"Cannot link to a non running container: /{name} AS /{container.name}/{alias}")  # fmt: skip  # noqa: E501
            yield Link(
                name=f"/{container.name}/{alias}",
                alias=alias,
                address=endpoint["IPAddress"],
                ports=tuple(target.config.get("ExposedPorts") or ()),
                env=tuple(target.config["Env"]),
            )

    def _namespaces(self, container: Container) -> Namespaces:
        host_config = container.host_config
        namespaces: Namespaces = {"net": self._networks.namespace(container)}
        self._check_ipc(host_config["IpcMode"])
        modes = {
            "pid": host_config["PidMode"],
            "ipc": host_config["IpcMode"],
            "uts": host_config["UTSMode"],
        }
        for name, mode in modes.items():
            refusal = f"failed to join {name.upper()} namespace: container {{0.id}} is not running"
            namespaces[name] = namespace_of(mode, self._containers, refusal)
        if host_config["IpcMode"] == "none":
            namespaces["ipc"] = "none"
        if namespaces["net"] == "host" and not container.record["HasHostname"]:
            namespaces["uts"] = "host"
        return namespaces

    def _check_ipc(self, mode: str) -> None:
        """Refuse to share the private IPC namespace of a container."""
        if not mode.startswith("container:"):
            return
        donor = self._containers.get(mode.removeprefix("container:"))
        if donor.host_config["IpcMode"] in {"", "none", "private"}:
            hint = "(hint: use IpcMode:shareable for the donor container)"
            raise ApiError(
                f"failed to join IPC namespace: container {donor.id}: non-shareable IPC {hint}"
            )
