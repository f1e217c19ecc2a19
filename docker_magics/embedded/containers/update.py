"""Changing a container: limits, restart policy, name.

source: Engine API, ContainerUpdate, ContainerRename; moby daemon/update.go, daemon/rename.go,
container/container_unix.go.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, cast

from ..errors import ApiError, BadParameter, Conflict, NotFound, prefixed
from ..networks.attachment import Attachments
from ..records.container import Container
from ..records.host_config import HostConfig
from ..runtime.cgroup import Cgroups
from . import validate, warnings
from .events import ContainerEvents
from .store import ContainerStore

_RESOURCES = (
    "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
    "CpusetCpus", "CpusetMems", "Memory", "MemorySwap", "MemoryReservation", "NanoCpus",
)  # fmt: skip
#: A new option, and the existing one that it contradicts, each with its name in the message.
_CPU_CONFLICTS = (
    ("NanoCpus", "Nano CPUs", "CpuPeriod", "CPU Period"),
    ("NanoCpus", "Nano CPUs", "CpuQuota", "CPU Quota"),
    ("CpuPeriod", "CPU Period", "NanoCpus", "NanoCPUs"),
    ("CpuQuota", "CPU Quota", "NanoCpus", "NanoCPUs"),
)


class Updater:
    """Changes existing containers.

    Args:
        store: has the names.
        events: receives update and rename.
        cgroups: enforce the limits.
        networks: name containers in the files of others.
    """

    def __init__(
        self,
        store: ContainerStore,
        events: ContainerEvents,
        cgroups: Cgroups,
        networks: Attachments,
    ) -> None:
        self._store = store
        self._events = events
        self._cgroups = cgroups
        self._networks = networks

    def update(self, container: Container, request: Mapping[str, Any]) -> list[str]:
        """Change the limits and the restart policy that a request has; return warnings.

        Raises:
            BadParameter: a value is invalid, or the kernel rejects it.
            Conflict: the container is being removed, or a value contradicts an existing one.
            ApiError: a limit cannot be set.
        """
        checked = {**request} if request.get("Memory") else {**request, "MemorySwap": 0}
        validate.host_config(checked, self._store, self._cgroups.version)
        with prefixed(f"Cannot update container {container.id}"), container.lock:
            self._update(container, request)
        self._events.publish(container, "update")
        texts = {"BlkioWeight": warnings.NO_WEIGHT, "KernelMemory": warnings.KERNEL_MEMORY}
        return [text for key, text in texts.items() if request.get(key)]

    def _update(self, container: Container, request: Mapping[str, Any]) -> None:
        if container.state["Removing"] or container.removed:
            raise Conflict('Container is marked for removal and cannot be "update".')
        updated = updated_host_config(container.host_config, request)
        try:
            self._cgroups.limit(container.id, updated)
        except OSError as error:
            kind = BadParameter if error.errno in {errno.EINVAL, errno.ERANGE} else ApiError
            raise kind(f"cannot set the limits: {error.strerror}") from error
        container.host_config.update(updated)
        container.save()

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name.

        Raises:
            BadParameter: the name is invalid, or the current one.
            Conflict: the name is taken.
            NotFound: the container has been removed meanwhile.
        """
        name = name.removeprefix("/")
        if not name:
            raise BadParameter("Neither old nor new names may be empty")
        with container.lock:
            old = container.name
            if name == old:
                raise BadParameter("Renaming a container with the same name as its current name")
            if container.removed:
                raise NotFound(f"No such container: {container.id}")
            self._store.rename(container, name)
            container.save()
        self._networks.files.update_neighbours(container)
        self._events.publish(container, "rename", {"oldName": f"/{old}"})


def updated_host_config(current: HostConfig, request: Mapping[str, Any]) -> HostConfig:
    """Return a HostConfig with the changes of a checked request.

    Raises:
        Conflict: a change contradicts an existing value.
    """
    values: dict[str, Any] = {**current}
    for new, new_name, old, old_name in _CPU_CONFLICTS:
        if request.get(new) and values[old]:
            raise Conflict(f"Conflicting options: {new_name} cannot be updated as {old_name} has already been set")  # fmt: skip  # noqa: E501
    memory = request.get("Memory") or 0
    if memory and not request.get("MemorySwap") and memory > current["MemorySwap"]:
        raise Conflict("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time")  # fmt: skip  # noqa: E501
    values |= {key: request[key] for key in _RESOURCES if request.get(key)}
    if request.get("PidsLimit") is not None:
        values["PidsLimit"] = max(0, request["PidsLimit"])
    policy = request.get("RestartPolicy") or {}
    if policy.get("Name"):
        if current["AutoRemove"] and policy["Name"] != "no":
            raise Conflict("Restart policy cannot be updated because AutoRemove is enabled for the container")  # fmt: skip  # noqa: E501
        values["RestartPolicy"] = {
            "Name": policy["Name"],
            "MaximumRetryCount": policy.get("MaximumRetryCount") or 0,
        }
    return cast("HostConfig", values)
