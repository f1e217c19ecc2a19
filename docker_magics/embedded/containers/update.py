"""Other limits and another restart policy for a container.

source: Engine API, ContainerUpdate; moby daemon/update.go, container/container_unix.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ApiError, BadParameter, Conflict
from . import create, warnings

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_RESOURCES = (
    "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
    "CpusetCpus", "CpusetMems", "Memory", "MemorySwap", "MemoryReservation", "KernelMemory",
    "NanoCpus",
)  # fmt: skip


def update(container: Container, engine: Engine, body: dict[str, Any]) -> list[str]:
    """Change what was given; gives warnings.

    Raises:
        BadParameter: a value that makes no sense.
        Conflict: the container is being removed.
    """
    create.host_config_of({**body, "MemorySwap": 0} if not body.get("Memory") else body, engine)
    try:
        with container.lock:
            _change(container, engine, body)
    except (BadParameter, Conflict) as fault:
        raise type(fault)(f"Cannot update container {container.id}: {fault}") from fault
    engine.container_events.publish(container, "update")
    found = {"BlkioWeight": warnings.NO_WEIGHT, "KernelMemory": warnings.KERNEL_MEMORY}
    return [words for key, words in found.items() if body.get(key)]


def _change(container: Container, engine: Engine, body: dict[str, Any]) -> None:
    if container.state["Removing"] or container.removed:
        raise Conflict('Container is marked for removal and cannot be "update".')
    known = container.host_config
    _check_cpus(known, body)
    if body.get("Memory") and not body.get("MemorySwap"):
        _check_swap(known, body["Memory"])
    new = known | {key: body[key] for key in _RESOURCES if body.get(key)}
    if body.get("PidsLimit") is not None:
        new["PidsLimit"] = max(0, body["PidsLimit"])
    policy = body.get("RestartPolicy") or {}
    if policy.get("Name"):
        if known["AutoRemove"] and policy["Name"] != "no":
            raise Conflict("Restart policy cannot be updated because AutoRemove is enabled for the container")  # fmt: skip  # noqa: E501
        new["RestartPolicy"] = policy
    try:
        engine.cgroups.limit(container.id, new)
    except OSError as error:
        raise ApiError(f"the kernel refuses the limits: {error.strerror}") from error
    known.update(new)
    container.save()


def _check_cpus(known: dict[str, Any], body: dict[str, Any]) -> None:
    shares = {"NanoCpus": "NanoCPUs", "CpuPeriod": "CPU Period", "CpuQuota": "CPU Quota"}
    pairs = (("NanoCpus", "CpuPeriod"), ("NanoCpus", "CpuQuota"), ("CpuPeriod", "NanoCpus"), ("CpuQuota", "NanoCpus"))  # fmt: skip  # noqa: E501
    for new, old in pairs:
        if body.get(new) and known[old]:
            name = "Nano CPUs" if new == "NanoCpus" else shares[new]
            raise Conflict(f"Conflicting options: {name} cannot be updated as {shares[old]} has already been set")  # fmt: skip  # noqa: E501


def _check_swap(host_config: dict[str, Any], memory: int) -> None:
    swap = host_config["MemorySwap"]
    if memory > swap:
        raise Conflict("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time")  # fmt: skip  # noqa: E501
