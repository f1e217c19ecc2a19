"""Ports, hosts, addresses and networks.

source: docker/go-connections, nat/nat.go, nat/parse.go; docker/cli, opts/network.go, opts/opts.go,
opts/hosts.go.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from docker_magics.wire import go

from .texts import csv_values, fields

#: Predefined networks.
_BUILT_IN = {"default", "bridge", "host", "none"}


def is_user_defined(network: str) -> bool:
    """Whether a network is user-defined, not predefined or another container's."""
    return network not in _BUILT_IN and not network.startswith("container:")


class Attachment(NamedTuple):
    """The attachment of a container to a network.

    Attributes:
        target: the network's name or ID.
        driver_opts: options of the network driver.
        gw_priority: the network with the highest priority provides the default gateway.
    """

    target: str
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    ipv4: str = ""
    ipv6: str = ""
    mac: str = ""
    link_local: tuple[str, ...] = ()
    driver_opts: tuple[tuple[str, str], ...] = ()
    gw_priority: int = 0

    def endpoint(self) -> dict[str, Any]:
        """Return the API's EndpointSettings, without empty fields.

        Raises:
            ValueError: the network does not support aliases or links, or a value is invalid.
        """
        if not self.target.strip():
            raise ValueError("no name set for network")
        if not is_user_defined(self.target):
            if self.aliases:
                message = "network-scoped aliases are only supported for user-defined networks"
                raise ValueError(message)
            if self.links:
                raise ValueError("links are only supported for user-defined networks")
        ipam = {
            "IPv4Address": self.ipv4,
            "IPv6Address": self.ipv6,
            "LinkLocalIPs": list(self.link_local),
        }
        settings = {
            "IPAMConfig": {key: value for key, value in ipam.items() if value},
            "Links": list(self.links),
            "Aliases": list(self.aliases),
            "MacAddress": mac_address(self.mac) if self.mac else "",
            "DriverOpts": dict(self.driver_opts),
            "GwPriority": self.gw_priority,
        }
        return {key: value for key, value in settings.items() if value}


_LONG = r"\w+=\w+(,\w+=\w+)*"
_TEXT_FIELDS = {"name": "target", "ip": "ipv4", "ip6": "ipv6", "mac-address": "mac"}
_ADDRESS_FIELDS = {"ip", "ip6", "link-local-ip"}
_LIST_FIELDS = {"alias": "aliases", "link-local-ip": "link_local", "driver-opt": "driver_opts"}


def network(text: str) -> Attachment:
    """Parse `NETWORK` or `name=NETWORK,alias=...,ip=...`.

    source: docker/cli, opts/network.go: NetworkOpt.Set.
    """
    if not re.search(_LONG, text, re.ASCII):
        return Attachment(text)
    values: dict[str, Any] = dict.fromkeys(_LIST_FIELDS.values(), ())
    for field in fields(text):
        key, equals, value = field.lower().partition("=")
        if not equals or not key:
            raise ValueError(f"invalid field {field}")
        key, value = key.strip(), value.strip()
        if key in _ADDRESS_FIELDS:
            value = checked_ip(value)
        if key in _TEXT_FIELDS:
            values[_TEXT_FIELDS[key]] = value
        elif key == "gw-priority":
            values["gw_priority"] = _priority(value)
        elif key in _LIST_FIELDS:
            item = driver_option(value) if key == "driver-opt" else value
            values[_LIST_FIELDS[key]] += (item,)
        else:
            raise ValueError(f"invalid field key {key}")
    if not values.get("target"):
        raise ValueError("network name/id is not specified")
    return Attachment(**values)


def _priority(text: str) -> int:
    try:
        return go.parse_int(text)
    except ValueError as error:
        reason = str(error).rpartition(": ")[2]
        raise ValueError(f"invalid gw-priority ({text}): {reason}") from None


def driver_option(text: str) -> tuple[str, str]:
    """Parse `key=value` of a network driver; both become lower case, as in the CLI."""
    key, equals, value = text.lower().partition("=")
    if not equals or not key:
        raise ValueError("invalid key value pair format in driver options")
    return key.strip(), value.strip()


def parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an IP address without a zone; an IPv4-mapped IPv6 address becomes IPv4.

    Raises:
        ValueError: the text is not an address, or has a zone.

    source: Go's net, ip.go: ParseIP.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.scope_id is not None:
        raise ValueError(text)
    return address.ipv4_mapped or address


def ip_address(text: str) -> str:
    """Normalize an IP address."""
    try:
        return str(parse_ip(text.strip()))
    except ValueError:
        raise ValueError(f"IP address is not correctly formatted: {text}") from None


def ip_text(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Return an address as Go prints it: `::ffff:1.2.3.4` where Python has `::ffff:102:304`."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return f"::ffff:{mapped}" if mapped else str(address)


def checked_ip(text: str) -> str:
    """Normalize an IP address, which may have a zone.

    source: Go's net/netip: ParseAddr.
    """
    try:
        return ip_text(ipaddress.ip_address(text))
    except ValueError:
        quoted = json.dumps(text, ensure_ascii=False)
        raise ValueError(f"ParseAddr({quoted}): unable to parse IP") from None


def flag_ip(text: str) -> str:
    """Return the address of `--ip6`; an IPv4 address becomes an IPv4-mapped one.

    source: spf13/pflag, ip.go; docker/cli, cli/command/container/opts.go: net.IP.To16.
    """
    address = _ip_of_flag(text)
    return str(address) if address.version == _IPV6 else f"::ffff:{address}"


def flag_ipv4(text: str) -> str:
    """Return the address of `--ip`. The docker CLI silently drops IPv6 addresses."""
    address = _ip_of_flag(text)
    if address.version == _IPV6:
        raise ValueError("expected an IPv4 address")
    return str(address)


def _ip_of_flag(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return parse_ip(text.strip())
    except ValueError:
        quoted = json.dumps(text, ensure_ascii=False)
        raise ValueError(f"failed to parse IP: {quoted}") from None


def ip_list(text: str) -> list[str]:
    """Split and normalize comma-separated IP addresses.

    source: spf13/pflag, ip_slice.go.
    """
    addresses = []
    for value in csv_values(text):
        try:
            addresses.append(str(parse_ip(value.strip())))
        except ValueError:
            message = f"invalid string being converted to IP address: {value}"
            raise ValueError(message) from None
    return addresses


_IPV6 = 6
_MAC_FORMS = (
    r"(?:[0-9a-f]{2}:){5}(?:(?:[0-9a-f]{2}:){2}|(?:[0-9a-f]{2}:){14})?[0-9a-f]{2}",
    r"(?:[0-9a-f]{2}-){5}(?:(?:[0-9a-f]{2}-){2}|(?:[0-9a-f]{2}-){14})?[0-9a-f]{2}",
    r"(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{40})",
    r"(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.|(?:[0-9a-f]{4}\.){7})?[0-9a-f]{4}",
)


def mac_address(text: str) -> str:
    """Return a MAC address as `92:d0:c6:0a:29:33`."""
    if not re.fullmatch("|".join(_MAC_FORMS), text.strip(), re.IGNORECASE):
        raise ValueError(f"{text} is not a valid mac address")
    digits = re.sub("[^0-9a-f]", "", text.lower())
    return ":".join(re.findall("..", digits))


def extra_host(text: str) -> str:
    """Convert `host=ip` or `host:ip` to `host:ip`; the address may be in brackets."""
    host, separator, address = text.partition("=" if "=" in text else ":")
    if not separator or not host or ":" in host:
        raise ValueError(f'bad format for add-host: "{text}"')
    if address != "host-gateway":
        if len(address) > 2 and address[0] == "[" and address[-1] == "]":
            address = address[1:-1]
        try:
            ip_address(address)
        except ValueError:
            raise ValueError(f'invalid IP address in add-host: "{address}"') from None
    return f"{host}:{address}"


def link(text: str) -> str:
    """Check `container:alias` or `container`."""
    if not text:
        raise ValueError("empty string specified for links")
    if text.count(":") > 1:
        raise ValueError(f"bad format for links: {text}")
    return text


_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(:?{_NAME}(?:\.{_NAME})*)\.?\s*"


def dns_search(text: str) -> str:
    """Check a domain; `.` means no domain."""
    domain = text.strip(" ")
    if domain == ".":
        return domain
    match = re.fullmatch(_DOMAIN, domain)
    if match is None or not re.search("[a-zA-Z]", domain) or len(match[1]) >= 255:
        raise ValueError(f"{domain} is not a valid domain")
    return match[1]


_PROTOCOLS = {"tcp", "udp", "sctp"}
_LAST_PORT = 65535


def published_ports(specs: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Return the API's PortBindings of `-p` values: `[ip:][host port:]container port[/protocol]`.

    Ports may be ranges; `target=80,published=8080` is the long form.
    """
    bindings: dict[str, list[dict[str, str]]] = {}
    for spec in specs:
        for port, binding in _mappings(_short_form(spec)):
            bindings.setdefault(port, []).append(binding)
    return bindings


def exposed_ports(specs: Iterable[str]) -> Iterator[str]:
    """Yield the ports of `--expose` values: `port[-port][/protocol]`."""
    for spec in specs:
        ports, protocol = _protocol(spec)
        try:
            first, last = port_range(ports)
        except ValueError as error:
            raise ValueError(f"invalid range format for --expose: {error}") from None
        yield from (f"{port}/{protocol}" for port in range(first, last + 1))


def port_range(text: str) -> tuple[int, int]:
    """Return the first and last port of `8000-9000` or `8000`."""
    start, dash, end = text.partition("-")
    first = _port("start", start)
    last = _port("end", end) if dash and end != start else first
    if last < first:
        raise ValueError(f"invalid port range: {text}")
    return first, last


def _port(which: str, text: str) -> int:
    """Return a port number.

    source: moby, api/types/network/port.go: parsePortNumber.
    """
    problem = ""
    if not text:
        problem = "value is empty"
    else:
        try:
            port = go.parse_int(text)
        except ValueError as error:
            problem = str(error).rpartition(": ")[2]
        else:
            problem = "" if 0 <= port <= _LAST_PORT else "value out of range"
    if problem:
        raise ValueError(f"invalid {which} port '{text}': {problem}")
    return port


def _short_form(spec: str) -> str:
    if "=" not in spec:
        return spec
    params = {"protocol": "tcp", "published": "", "target": ""}
    for param in spec.split(","):
        key, equals, value = param.partition("=")
        if not equals or not key:
            message = f"invalid publish opts format (should be name=value but got '{param}')"
            raise ValueError(message)
        params[key] = value
    return f"{params['published']}:{params['target']}/{params['protocol']}"


def _protocol(text: str) -> tuple[str, str]:
    """Split `80/udp` into ports and protocol."""
    ports, _, protocol = text.partition("/")
    return ports, (protocol or "tcp").lower()


def _mappings(spec: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield port and binding for every port of a spec."""
    head, _, container = spec.rpartition(":")
    ip, _, host = head.rpartition(":")
    container, protocol = _protocol(container)
    if not container:
        raise ValueError(f"no port specified: {spec}<empty>")
    if protocol not in _PROTOCOLS:
        raise ValueError(f"invalid proto: {protocol}")
    ip = _host_ip(ip)
    first, last = _range_of(container, "containerPort")
    host_first, host_last = _range_of(host, "hostPort") if host else (0, 0)
    if host and last - first != host_last - host_first and last != first:
        message = f"invalid ranges specified for container and host Ports: {container} and {host}"
        raise ValueError(message)
    for offset in range(last - first + 1):
        port = host
        if host:
            port = str(host_first + offset)
        if first == last and host_first != host_last:
            port = f"{host_first}-{host_last}"  # the engine picks a free port of the range
        yield f"{first + offset}/{protocol}", {"HostIp": ip, "HostPort": port}


def _range_of(text: str, field: str) -> tuple[int, int]:
    try:
        return port_range(text)
    except ValueError:
        raise ValueError(f"invalid {field}: {text}") from None


def _host_ip(text: str) -> str:
    ip = text
    if text.startswith("["):
        ip = text[1:].removesuffix("]")
        if not text.endswith("]"):
            raise ValueError(f"invalid IP address {text}: address {text}:: missing ']' in address")
    if not ip:
        return ""
    try:
        parse_ip(ip)
    except ValueError:
        raise ValueError(f"invalid IP address: {ip}") from None
    return ip_text(ipaddress.ip_address(ip))
