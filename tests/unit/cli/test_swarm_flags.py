"""Flag types of swarm commands: parsed values, and docker's error messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docker_magics.cli.flag_types import swarm


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (swarm.placement_preference, "spread=a", {"Spread": {"SpreadDescriptor": "a"}}),
        (swarm.command, "a 'b c'", ["a", "b c"]),
        (swarm.credential_spec, "", {}),
        (swarm.credential_spec, "file://x", {"File": "x"}),
        (swarm.generic_resource, "gpu=2", "gpu=2"),
        (swarm.node_address, "eth0", "eth0:2377"),
        (swarm.node_address, "tcp://10.0.0.1:4567", "10.0.0.1:4567"),
        (swarm.node_address, ":4567", "0.0.0.0:4567"),
        (swarm.node_address, "[::1]", "[::1]:2377"),
        (swarm.subnets, "10.0.0.1/8,fd00::1/64", ["10.0.0.0/8", "fd00::/64"]),
        (
            swarm.external_ca,
            "protocol=cfssl,url=https://ca,extra=x",
            {"Protocol": "cfssl", "URL": "https://ca", "Options": {"extra": "x"}},
        ),
    ],
)
def test_valid_values(parse: Callable[[str], Any], text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("8080:80", [("ingress", 80, 8080, "tcp")]),
        ("8080-8081:80-81/udp", [("ingress", 80, 8080, "udp"), ("ingress", 81, 8081, "udp")]),
        ("published=8080,target=80,mode=host", [("host", 80, 8080, "tcp")]),
        ("target=80", [("ingress", 80, 0, "tcp")]),
    ],
)
def test_ports_of_services(text: str, published: list[tuple[Any, ...]]) -> None:
    keys = ("PublishMode", "TargetPort", "PublishedPort", "Protocol")
    ports = [tuple(port[key] for key in keys) for port in swarm.service_ports(text)]
    assert ports == published


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (swarm.placement_preference, "x", 'must be of the format "<strategy>=<arg>"'),
        (swarm.placement_preference, "pack=x", "only spread is supported"),
        (swarm.service_ports, "127.0.0.1:80:80", "hostip is not supported"),
        (swarm.service_ports, "target=80,=x", "invalid field: =x"),
        (swarm.service_ports, "target=80,color=red", "invalid field key: color"),
        (swarm.service_ports, "target=80,protocol=icmp", "invalid protocol value 'icmp'"),
        (swarm.service_ports, "target=80,mode=x", "must be either 'ingress' or 'host'"),
        (swarm.service_ports, "published=80", "missing mandatory field 'target'"),
        (swarm.service_ports, "target=70000", r"invalid target port \(70000\)"),
        (swarm.command, "'", "EOF found when expecting closing quote"),
        (swarm.credential_spec, "x", "invalid credential spec"),
        (swarm.generic_resource, "gpu", "expected `name=value`"),
        (swarm.node_address, "eth0:x", "invalid bind address format: eth0:x"),
        (swarm.subnets, "10.0.0.1", "invalid string being converted to CIDR: 10.0.0.1"),
        (swarm.subnets, "10.0.0.1/99", "invalid string being converted to CIDR"),
        (swarm.external_ca, "x", "must be a key=value pair"),
        (swarm.external_ca, "protocol=x", "unrecognized external CA protocol x"),
        (swarm.external_ca, "protocol=cfssl", "needs a url= parameter"),
        (swarm.external_ca, "url=x", "needs a protocol= parameter"),
        (swarm.external_ca, "cacert=/no/where", "unable to read CA cert for external CA: open"),
    ],
)
def test_invalid_values(parse: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_certificates_are_read_from_pem_files(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    ca = swarm.external_ca(f"protocol=cfssl,url=x,cacert={file}")
    assert ca["CACert"] == file.read_text()
    file.write_text("no")
    with pytest.raises(ValueError, match="file contents must be in PEM format"):
        swarm.pem_file(str(file))
