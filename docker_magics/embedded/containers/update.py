"""Other limits and another restart policy for a container.

source: Engine API, ContainerUpdate; moby daemon/update.go, container/container_unix.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import BadParameter, Conflict
from . import create

if TYPE_CHECKING:
    from ..engine import Engine
    from .container import Container

_RESOURCES = (
    "BlkioWeight", "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
    "CpusetCpus", "CpusetMems", "Memory", "MemorySwap", "MemoryReservation", "KernelMemory",
    "NanoCpus", "PidsLimit",
)  # fmt: skip


def update(container: Container, engine: Engine, body: dict[str, Any]) -> list[str]:
    """Change what was given; gives warnings.

    Raises:
        BadParameter: a value that makes no sense.
        Conflict: the container is being removed.
    """
    with container.lock:
        if container.state["Removing"] or container.removed:
            raise Conflict(f'Cannot update container {container.id}: Container is marked for removal and cannot be "update".')  # fmt: skip  # noqa: E501
        changed = {**container.host_config}
        changed |= {key: body[key] for key in _RESOURCES if body.get(key)}
        policy = body.get("RestartPolicy") or {}
        if policy.get("Name"):
            if container.host_config["AutoRemove"] and policy["Name"] != "no":
                raise BadParameter("Restart policy cannot be updated because AutoRemove is enabled for the container")  # fmt: skip  # noqa: E501
            changed["RestartPolicy"] = policy
        if body.get("Memory") and not body.get("MemorySwap"):
            _check_swap(container.host_config, body["Memory"])
        checked = create.host_config_of(changed, engine)
        container.host_config.update(checked)
        container.save()
    engine.containers.log(container, "update")
    return []


def _check_swap(host_config: dict[str, Any], memory: int) -> None:
    swap = host_config["MemorySwap"]
    if 0 < swap < memory:
        raise Conflict("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time")  # fmt: skip  # noqa: E501
