"""Which ports a container asks to publish.

source: Engine API, HostConfig: PortBindings, PublishAllPorts.
"""

from __future__ import annotations

import functools
import re
import socket
from typing import TypedDict

from ..errors import BadParameter
from ..records.container import Container

_PORT = re.compile(r"[0-9]{1,5}(/(tcp|udp|sctp))?")
#: Network modes in which ports are not published.
MODES_WITHOUT_PORTS = frozenset({"host", "none"})


class PortBinding(TypedDict, total=False):
    """A host address and port; a requested HostPort may be empty or a range, `8000-8010`."""

    HostIp: str
    HostPort: str


#: Port of the container, `80/tcp` -> where it is published.
PortMap = dict[str, list[PortBinding]]


def requested_ports(container: Container) -> PortMap:
    """Return the bindings that PortBindings and PublishAllPorts ask for, sorted by number.

    Raises:
        BadParameter: the image exposes what is not a port.
    """
    ports: PortMap = {
        with_protocol(port): list(bindings or []) or [{}]
        for port, bindings in (container.host_config["PortBindings"] or {}).items()
    }
    if container.host_config["PublishAllPorts"]:
        for port in container.config.get("ExposedPorts") or {}:
            if not _PORT.fullmatch(port):
                raise BadParameter(f'invalid port specification: "{port}"')
            ports.setdefault(with_protocol(port), [{}])
    return dict(sorted(ports.items(), key=lambda item: int(item[0].partition("/")[0])))


def with_protocol(port: str) -> str:
    """Return `80/tcp` for `80`."""
    return port if "/" in port else f"{port}/tcp"


@functools.cache
def wildcard_addresses() -> tuple[str, ...]:
    """Return the addresses that stand for all of the host's: IPv4, and IPv6 where it works."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        return ("0.0.0.0",)  # noqa: S104 - as docker publishes
    return ("0.0.0.0", "::")  # noqa: S104 - as docker publishes
