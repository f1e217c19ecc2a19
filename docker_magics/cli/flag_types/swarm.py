"""Flag types of swarm commands: published ports, secrets, certificates, addresses.

source: docker/cli, opts/swarmopts, cli/command/service/opts.go, cli/command/swarm/opts.go.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docker_magics.wire import go

from .networks import published_ports
from .texts import csv_values, fields

_READABLE = 0o444
_LONG_PORT = re.compile(r"\w+=\w+(,\w+=\w+)*")
_PROTOCOLS = {"tcp", "udp", "sctp"}
_MODES = {"ingress", "host"}
_SWARM_PORT = "2377"


def reference_to(kind: str) -> Callable[[str], dict[str, Any]]:
    """Return a parser of `NAME` or `source=NAME,target=FILE,uid=,gid=,mode=`.

    Args:
        kind: `Secret` or `Config`.

    Returns:
        text -> the API's SecretReference or ConfigReference, with an empty ID.
    """

    def parse(text: str) -> dict[str, Any]:
        parts = fields(text)
        if len(parts) == 1 and "=" not in parts[0]:
            parts = [f"source={parts[0]}"]
        file: dict[str, Any] = {"Name": "", "UID": "0", "GID": "0", "Mode": _READABLE}
        source = ""
        for part in parts:
            key, equals, value = part.partition("=")
            if not equals or not key:
                raise ValueError(f"invalid field '{part}' must be a key=value pair")
            match key.lower():
                case "source" | "src":
                    source = value
                case "target":
                    file["Name"] = value
                case "uid" | "gid":
                    file[key.upper()] = value
                case "mode":
                    file["Mode"] = _mode(value)
                case _:
                    raise ValueError(f"invalid field in {kind.lower()} request: {key}")
        if not source:
            raise ValueError("source is required")
        file["Name"] = file["Name"] or source
        return {"File": file, f"{kind}ID": "", f"{kind}Name": source}

    return parse


config_reference = reference_to("Config")
secret_reference = reference_to("Secret")


def _mode(text: str) -> int:
    try:
        return go.parse_uint(text, 0, 32)
    except ValueError as error:
        raise ValueError(f"invalid mode specified: {error}") from None


def placement_preference(text: str) -> dict[str, Any]:
    """Return the API's PlacementPreference of `spread=node.labels.zone`."""
    strategy, equals, argument = text.partition("=")
    if not equals or not strategy:
        raise ValueError('placement preference must be of the format "<strategy>=<arg>"')
    if strategy != "spread":
        message = f"unsupported placement preference {strategy} (only spread is supported)"
        raise ValueError(message)
    return {"Spread": {"SpreadDescriptor": argument}}


def service_ports(text: str) -> list[dict[str, Any]]:
    """Return the API's PortConfigs of `8080:80/tcp` or `published=8080,target=80,mode=host`."""
    if _LONG_PORT.search(text):
        return [_long_port(text)]
    configs = []
    for port, bindings in published_ports([text]).items():
        target, protocol = port.split("/")
        for binding in bindings:
            if binding["HostIp"]:
                raise ValueError("hostip is not supported")
            first, _, last = binding["HostPort"].partition("-")
            numbers = range(int(first or 0), int(last or first or 0) + 1)
            configs += [
                _port_config(int(target), number, protocol, "ingress") for number in numbers
            ]
    return configs


def _port_config(target: int, published: int, protocol: str, mode: str) -> dict[str, Any]:
    return {
        "Protocol": protocol,
        "TargetPort": target,
        "PublishedPort": published,
        "PublishMode": mode,
    }


def _long_port(text: str) -> dict[str, Any]:
    values = {"protocol": "tcp", "mode": "ingress", "target": "0", "published": "0"}
    for field in csv_values(text.lower()):
        key, equals, value = field.partition("=")
        if not equals or not key:
            raise ValueError(f"invalid field: {field}")
        if key not in values:
            raise ValueError(f"invalid field key: {key}")
        values[key] = value
    if values["protocol"] not in _PROTOCOLS:
        raise ValueError(f"invalid protocol value '{values['protocol']}'")
    if values["mode"] not in _MODES:
        raise ValueError(
            f"invalid publish mode value ({values['mode']}): must be either 'ingress' or 'host'"
        )
    target, published = (_port(values[name], name) for name in ("target", "published"))
    if not target:
        raise ValueError("missing mandatory field 'target'")
    return _port_config(target, published, values["protocol"], values["mode"])


def _port(text: str, field: str) -> int:
    try:
        return go.parse_uint(text, bits=16)
    except ValueError as error:
        reason = str(error).rpartition(": ")[2]
        message = f"invalid {field} port ({text}): value must be an integer: {reason}"
        raise ValueError(message) from None


def command(text: str) -> list[str]:
    """Split a command line into words."""
    try:
        return shlex.split(text)
    except ValueError:
        raise ValueError("EOF found when expecting closing quote") from None


def credential_spec(text: str) -> dict[str, str]:
    """Return the API's CredentialSpec of `config://NAME`, `file://NAME` or `registry://NAME`."""
    if not text:
        return {}
    scheme, separator, value = text.partition("://")
    if not separator or scheme not in {"config", "file", "registry"}:
        raise ValueError(
            'invalid credential spec: value must be prefixed with "config://", "file://", or'
            ' "registry://"'
        )
    return {scheme.title(): value}


def generic_resource(text: str) -> str:
    """Check `name=number`, such as `gpu=2`."""
    if "=" not in text:
        raise ValueError(f"invalid generic-resource format `{text}` expected `name=value`")
    return text


def _ca_certificate(name: str) -> str:
    try:
        return pem_file(name)
    except ValueError as error:
        raise ValueError(f"unable to read CA cert for external CA: {error}") from None


def pem_file(name: str) -> str:
    """Read a file in PEM format."""
    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"open {name}: {str(error.strerror).lower()}") from None
    if "-----BEGIN " not in text:
        raise ValueError("file contents must be in PEM format")
    return text


def external_ca(text: str) -> dict[str, Any]:
    """Return the API's ExternalCA of `protocol=cfssl,url=https://...[,cacert=FILE]`."""
    ca: dict[str, Any] = {"Options": {}}
    for field in fields(text):
        key, equals, value = field.partition("=")
        if not equals:
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
        match key.lower():
            case "protocol" if value.lower() == "cfssl":
                ca["Protocol"] = "cfssl"
            case "protocol":
                raise ValueError(f"unrecognized external CA protocol {value}")
            case "url":
                ca["URL"] = value
            case "cacert":
                ca["CACert"] = _ca_certificate(value)
            case _:
                ca["Options"][key] = value
    for key, name in (("Protocol", "protocol"), ("URL", "url")):
        if key not in ca:
            raise ValueError(f"the external-ca option needs a {name}= parameter")
    return ca


def node_address(text: str) -> str:
    """Complete `HOST:PORT`: by default all addresses, and the port of swarm."""
    address = text.removeprefix("tcp://")
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, ""
    if port and not port.isdigit():
        raise ValueError(f"invalid bind address format: {text}")
    return f"{host or '0.0.0.0'}:{port or _SWARM_PORT}"  # noqa: S104 - swarm's own default


def subnets(text: str) -> list[str]:
    """Split and normalize comma-separated networks in CIDR notation."""
    networks = []
    for subnet in csv_values(text):
        if "/" not in subnet:
            raise ValueError(f"invalid string being converted to CIDR: {subnet}")
        try:
            networks.append(str(ipaddress.ip_network(subnet, strict=False)))
        except ValueError:
            raise ValueError(f"invalid string being converted to CIDR: {subnet}") from None
    return networks
