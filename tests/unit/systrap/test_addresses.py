"""The container's part of the loopback: addresses and ports."""

from __future__ import annotations

import ctypes
import ipaddress
import mmap

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


HOSTS = b"""127.0.0.1\tlocalhost
# 127.64.4.9 10.5.0.9
127.64.4.1 web 10.5.0.5x 10.5.0 .5.0.5 10.5.0.256 10.5.0.5\t10.6.0.5 # 10.7.0.5
::1 ip6-localhost 10.8.0.5
127.64.4.2\tdb
127.64.4.3 10.5.0.7"""


@pytest.mark.parametrize(
    ("fixed", "of_loopback"),
    [
        ("10.5.0.5", "127.64.4.1"),
        ("10.6.0.5", "127.64.4.1"),
        ("10.5.0.7", "127.64.4.3"),
        *((f"10.{number}", "0.0.0.0") for number in ("5.0.9", "7.0.5", "8.0.5", "5.0.6")),
    ],
)
def test_a_static_address_is_a_name_in_the_hosts_file(
    functions: ctypes.CDLL, fixed: str, of_loopback: str
) -> None:
    assert hosts_look(functions, 0, fixed) == of_loopback


def test_the_static_address_of_one_of_the_loopback(functions: ctypes.CDLL) -> None:
    shown = [hosts_look(functions, 1, f"127.64.4.{number}") for number in (1, 2, 3, 9)]
    assert shown == ["10.5.0.5", "0.0.0.0", "10.5.0.7", "0.0.0.0"]


def test_nothing_is_read_behind_a_hosts_file_that_ends_in_a_number(
    functions: ctypes.CDLL,
) -> None:
    page = mmap.PAGESIZE
    with mmap.mmap(-1, 2 * page) as memory:
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        memory[page - 4 : page] = b"127\0"
        mprotect = ctypes.CDLL(None).mprotect
        assert mprotect(ctypes.c_void_p(start + page), page, 0) == 0
        assert functions.hosts_look(ctypes.c_void_p(start + page - 4), 0, 1) == 0


def hosts_look(functions: ctypes.CDLL, side: int, other: str) -> str:
    """Look up an address of the other side in `HOSTS`."""
    look = functions.hosts_look
    look.restype = ctypes.c_uint32
    number = look(HOSTS, side, ctypes.c_uint32(int(ipaddress.IPv4Address(other))))
    return str(ipaddress.IPv4Address(number))
