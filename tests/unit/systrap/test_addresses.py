"""The container's part of the loopback: addresses and ports."""

from __future__ import annotations

import ctypes

import pytest

from docker_magics.embedded.networks import loopback


def test_each_port_is_another_one_that_users_may_bind(functions: ctypes.CDLL) -> None:
    ports = range(1, 64512)
    of_machine = [functions.address_machine_port(port) & 0xFFFF for port in ports]
    assert min(of_machine) == 1024
    assert len(set(of_machine)) == len(ports)
    assert not [pair for pair in zip(ports, of_machine, strict=True) if pair[0] == pair[1]]
    assert [functions.address_guest_port(port) & 0xFFFF for port in of_machine] == list(ports)
    assert functions.address_machine_port(0) == functions.address_guest_port(0) == 0


@pytest.mark.parametrize("port", [1, 80, 1023, 1024, 5432, 8080, 63998, 63999, 65535])
def test_the_engine_knows_the_same_ports(functions: ctypes.CDLL, port: int) -> None:
    assert functions.address_machine_port(port) & 0xFFFF == loopback.machine_port(port)
