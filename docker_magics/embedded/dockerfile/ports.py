"""Ports of EXPOSE. source: docker/go-connections, nat.ParsePortSpec."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterator

from ..errors import BadParameter

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_MAX_PORT = 65535
_PROTOCOLS = frozenset({"tcp", "udp", "sctp"})


def container_ports(text: str) -> Iterator[str]:
    """Yield the container's ports of `[[ADDRESS:]PORT:]PORT[/PROTOCOL]`, as `80/tcp`.

    A port may be a range, `8000-8010`.

    Raises:
        BadParameter: a part is invalid.
    """
    rest, _, protocol = text.partition("/")
    protocol = protocol.partition("/")[0] or "tcp"
    host, _, port = rest.rpartition(":")
    address, _, host_port = host.rpartition(":")
    if address and not _is_address(address.strip("[]")):
        raise BadParameter(f"Invalid ip address: {address}")
    if not port:
        raise BadParameter(f"No port specified: {text}<empty>")
    start, end = _port_range(port, "containerPort")
    if host_port:
        first, last = _port_range(host_port, "hostPort")
        if last - first != end - start and start != end:
            raise BadParameter(f"Invalid ranges specified for container and host Ports: {port} and {host_port}")  # fmt: skip  # noqa: E501
    if protocol.lower() not in _PROTOCOLS:
        raise BadParameter(f"Invalid proto: {protocol}")
    yield from (f"{number}/{protocol.lower()}" for number in range(start, end + 1))


def _is_address(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(text))
    return False


def _port_range(text: str, field: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    start, end = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not start <= end <= _MAX_PORT:
        raise BadParameter(f"Invalid {field}: {text}")
    return start, end
