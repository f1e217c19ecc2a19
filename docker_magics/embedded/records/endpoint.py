"""A container's endpoint on one network.

source: Engine API, EndpointSettings, EndpointIPAMConfig.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class EndpointIPAMConfig(TypedDict, total=False):
    """The static addresses that the user requests."""

    IPv4Address: str
    IPv6Address: str
    LinkLocalIPs: list[str] | None


class EndpointSettings(TypedDict):
    """One endpoint. Up to MacAddress, fields are empty or 0 while it is not connected.

    The last three fields are the engine's; the API does not show them.

    Attributes:
        Links: `CONTAINER:ALIAS`, names that this container alone may use.
        Aliases: names that all containers on the network may use.
        GwPriority: the endpoint with the highest one has the default gateway; 0 where an older
            engine made the endpoint.
        Interface: the network interface in the container, `eth0`; only while connected by veth.
        RequestedMac: the MAC address that the user requests; empty for a generated one.
        RequestedAliases: the user's aliases; Aliases has the generated ones too.
    """

    IPAMConfig: EndpointIPAMConfig | None
    Links: list[str] | None
    Aliases: list[str] | None
    NetworkID: str
    EndpointID: str
    Gateway: str
    IPAddress: str
    IPPrefixLen: int
    IPv6Gateway: str
    GlobalIPv6Address: str
    GlobalIPv6PrefixLen: int
    MacAddress: str
    DriverOpts: dict[str, str] | None
    GwPriority: NotRequired[int]
    Interface: NotRequired[str]
    RequestedMac: str
    RequestedAliases: list[str] | None
