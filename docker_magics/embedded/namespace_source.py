"""Where a container's namespaces come from."""

from __future__ import annotations

from .errors import Conflict
from .ports import ContainerLookup

#: `host`, `new`, or the PID of a process whose namespace is shared.
NamespaceSource = str | int


def namespace_of(mode: str, containers: ContainerLookup, refusal: str) -> NamespaceSource:
    """Return `host`, `new`, or the PID of the container whose namespace is shared.

    Args:
        mode: of a NetworkMode, PidMode, ...: `host`, `container:NAME`, or another.
        containers: has the container of that name.
        refusal: the message where that container does not run; it is formatted with the container.

    Raises:
        Conflict: the container does not run.
        NotFound: no such container.
    """
    if mode == "host":
        return "host"
    if not mode.startswith("container:"):
        return "new"
    donor = containers.get(mode.removeprefix("container:"))
    if donor.process is None:
        raise Conflict(refusal.format(donor))
    return donor.process.pid
