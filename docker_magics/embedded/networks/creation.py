"""A new network's record: what a request and the existing networks make of it. Pure.

source: Engine API, NetworkCreate; moby daemon/network.go, libnetwork/controller.go.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any, cast

from .. import clock
from ..errors import NO_SWARM, BadParameter, Conflict, Forbidden, NotFound, Unavailable
from . import ipam, options
from .ipam import IPAMConfig
from .network import PREDEFINED, Network, NetworkRecord

#: Driver of each predefined network.
_PREDEFINED_DRIVERS = {"bridge": "bridge", "host": "host", "none": "null"}
_DEFAULT_BRIDGE_CONFIG: IPAMConfig = {"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}
_DEFAULT_BRIDGE_OPTIONS = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",  # noqa: S104 - dockerd's
    "com.docker.network.bridge.name": "docker0",
    "com.docker.network.driver.mtu": "1500",
}


def new_record(name: str, driver: str) -> NetworkRecord:
    """Return the record of a network with a new ID, and defaults for all else."""
    return {
        "Name": name,
        "Id": secrets.token_hex(32),
        "Created": clock.stamp(),
        "Scope": "local",
        "Driver": driver,
        "EnableIPv4": True,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": None, "Config": []},
        "Internal": False,
        "Attachable": False,
        "Ingress": False,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Options": {},
        "Labels": {},
    }


def predefined(name: str) -> Network:
    """Return one of the networks that exist from the start."""
    record = new_record(name, _PREDEFINED_DRIVERS[name])
    if name == "bridge":
        record["IPAM"]["Config"] = [_DEFAULT_BRIDGE_CONFIG]
        record["Options"] = dict(_DEFAULT_BRIDGE_OPTIONS)
    return Network(record)


def planned(body: Mapping[str, Any], existing: Collection[Network]) -> Network:
    """Return the network that a request asks for.

    Args:
        body: the request's NetworkCreateRequest.
        existing: all networks.

    Raises:
        BadParameter: no name or an unprintable one, or a subnet or option that cannot be parsed.
        Conflict: the name is in use.
        Forbidden: the request contradicts itself, or its subnet or bridge is another network's.
        NotFound: no such driver or configuration network, or no address pool is free.
        Unavailable: the request needs a swarm.
    """
    name, driver = body.get("Name") or "", body.get("Driver") or "bridge"
    ipam.check(_configs(body), has_ipv6=bool(body.get("EnableIPv6")))
    _check_name(name, existing)
    _check_driver(driver, (body.get("IPAM") or {}).get("Driver") or "default")
    _check_scope(body)
    network = Network(_record(name, driver, _with_configuration(body, existing), existing))
    options.check(network.options)
    _check_bridge(network, existing)
    return network


def _check_name(name: str, existing: Collection[Network]) -> None:
    if not name.strip():
        raise BadParameter("invalid network name: name is empty")
    if not name.isprintable():
        raise BadParameter(f"invalid network name: {name!r} has control characters")
    if name in PREDEFINED | {"default"}:
        raise Forbidden(f"operation is not permitted on predefined {name} network")
    if any(network.name == name for network in existing):
        raise Conflict(f"network with name {name} already exists")


def _check_driver(driver: str, ipam_driver: str) -> None:
    if driver in {"host", "null"}:
        raise Forbidden(f'only one instance of "{driver}" network is allowed')
    if driver == "overlay":
        raise Unavailable(NO_SWARM)
    for name in (driver, ipam_driver):
        if name not in {"bridge", "default", "null"}:
            raise NotFound(f'plugin "{name}" not found')


def _check_scope(body: Mapping[str, Any]) -> None:
    if body.get("Scope") == "swarm":
        raise Forbidden("cannot create a swarm scoped network when swarm is not active")
    if body.get("Ingress"):
        raise Forbidden("Ingress network can only be global scope network")
    if body.get("Scope") not in {None, "", "local"}:
        raise Unavailable(NO_SWARM)


def _check_bridge(network: Network, existing: Collection[Network]) -> None:
    for other in existing:
        if other.bridge == network.bridge and other.driver == "bridge":
            raise Forbidden(f"cannot create network {network.id} ({network.bridge}): conflicts with network {other.id} ({other.bridge}): networks have same bridge name")  # fmt: skip  # noqa: E501


def _with_configuration(
    body: Mapping[str, Any], existing: Collection[Network]
) -> Mapping[str, Any]:
    """Return a request with what it takes from a configuration network (`--config-from`)."""
    name = (body.get("ConfigFrom") or {}).get("Network")
    if not name:
        return body
    sources = [n.record for n in existing if n.name == name and n.record["ConfigOnly"]]
    if not sources:
        raise NotFound(f'configuration network "{name}" does not exist')
    own = (body.get("IPAM") or {}).get("Config"), body.get("Labels"), body.get("Options")
    if any(own) or body.get("EnableIPv6") or body.get("EnableIPv4") is False:
        raise Forbidden("user specified configurations are not supported if the network depends on a configuration network")  # fmt: skip  # noqa: E501
    source = cast("dict[str, Any]", sources[0])
    fields = ("EnableIPv4", "EnableIPv6", "IPAM", "Labels", "Options")
    return {**body, **{field: source.get(field) for field in fields}}


def _record(
    name: str, driver: str, body: Mapping[str, Any], existing: Collection[Network]
) -> NetworkRecord:
    is_config_only = bool(body.get("ConfigOnly"))
    record = new_record(name, "null" if is_config_only else driver)
    record["Internal"] = bool(body.get("Internal"))
    record["Attachable"] = bool(body.get("Attachable"))
    record["Ingress"] = bool(body.get("Ingress"))
    record["ConfigOnly"] = is_config_only
    record["ConfigFrom"] = {"Network": (body.get("ConfigFrom") or {}).get("Network") or ""}
    record["EnableIPv4"] = body.get("EnableIPv4") is not False
    record["EnableIPv6"] = bool(body.get("EnableIPv6"))
    if not record["EnableIPv4"] and not record["EnableIPv6"] and not is_config_only:
        raise BadParameter("IPv4 or IPv6 must be enabled")
    record["Options"] = body.get("Options") or {}
    record["Labels"] = body.get("Labels") or {}
    configs = _configs(body)
    record["UserSubnet"] = any(map(ipam.is_ipv4, configs))
    record["UserSubnet6"] = any(map(ipam.is_ipv6, configs))
    request_ipam = body.get("IPAM") or {}
    record["IPAM"] = {
        "Driver": request_ipam.get("Driver") or "default",
        "Options": request_ipam.get("Options"),
        "Config": _with_subnets(record, configs, existing),
    }
    return record


def _configs(body: Mapping[str, Any]) -> list[IPAMConfig]:
    """Return copies of the request's IPAM configurations, without nulls and empty ones."""
    configs = (
        {key: value for key, value in config.items() if value is not None}
        for config in (body.get("IPAM") or {}).get("Config") or []
    )
    return [cast("IPAMConfig", config) for config in configs if config]


def _with_subnets(
    record: NetworkRecord, configs: list[IPAMConfig], existing: Collection[Network]
) -> list[IPAMConfig]:
    """Return the configurations, checked; without an IPv4 subnet, a free pool is added."""
    if sum(map(ipam.is_ipv4, configs)) > 1:
        raise Forbidden("bridge driver doesn't support multiple subnets")
    others = [n for n in existing if not (record["ConfigOnly"] or n.record["ConfigOnly"])]
    taken = [n.subnet for n in others if n.subnet is not None]
    taken6 = [n.subnet6 for n in others if n.subnet6 is not None]
    for config in configs:
        if ipam.is_ipv6(config):
            taken6.append(ipam.checked6(config, taken6))
        elif config.get("Subnet"):
            taken.append(ipam.checked(config, taken))
    if record["EnableIPv6"] and not record["ConfigOnly"] and not any(map(ipam.is_ipv6, configs)):
        pool6 = ipam.free_pool6(taken6)
        configs.append({"Subnet": str(pool6), "Gateway": str(pool6[1])})
    needs_pool = record.get("EnableIPv4") and not record["ConfigOnly"]
    if needs_pool and not any(map(ipam.is_ipv4, configs)):
        pool = ipam.free_pool(taken)
        configs.insert(0, {"Subnet": str(pool), "Gateway": str(pool[1])})
    return sorted(filter(None, configs), key=ipam.is_ipv6)
