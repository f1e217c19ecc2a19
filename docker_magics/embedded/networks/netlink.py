"""Netlink: the interfaces, addresses, routes and rules of a network namespace.

It has only the requests that the network helper makes: a general library takes more memory than the
rest of the helper, once for each engine on a machine.

source: netlink(7), rtnetlink(7), veth(4); linux/netlink.h, linux/rtnetlink.h, linux/if_link.h,
linux/fib_rules.h.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")  # nlattr: length, type
_LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
_ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, index
#: rtmsg and fib_rule_hdr: family, lengths of destination and source, TOS, table, protocol, scope,
#: type or action, flags.
_ROUTE = struct.Struct("=8BI")
_ERROR = struct.Struct("=i")  # of nlmsgerr, and of the end of a dump
_BUFFER = 65536

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NEW_LINK, _DELETE_LINK, _GET_LINK, _SET_LINK = 16, 17, 18, 19
_NEW_ADDRESS, _NEW_ROUTE, _NEW_RULE, _DELETE_RULE, _GET_RULE = 20, 24, 32, 33, 34
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_REPLACE, _EXCLUSIVE, _CREATE = 0x100, 0x200, 0x400
_NESTED = 0x8000

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_MASTER, _IFLA_PROTINFO = 1, 3, 4, 10, 12
_IFLA_LINKINFO, _IFLA_NET_NS_PID = 18, 19
_INFO_KIND, _INFO_DATA, _VETH_INFO_PEER, _BRPORT_ISOLATED = 1, 2, 1, 33
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTA_GATEWAY = 5
_FRA_DST, _FRA_SRC, _FRA_PRIORITY = 1, 2, 6
_IFF_UP = 1
#: Skip duplicate address detection, so that an IPv6 address can be used at once.
_IFA_F_NODAD = 0x02
_MAIN_TABLE, _STATIC, _UNICAST = 254, 4, 1

#: Actions of rules.
TO_MAIN_TABLE, BLACKHOLE, PROHIBIT = 1, 6, 8


class Netlink:
    """A connection; it belongs to the network namespace in which it was opened.

    Its methods raise OSError with the kernel's error code.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._sequence = 0

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def index(self, name: str) -> int:
        """Return the index of an interface; 0 without one."""
        try:
            [answer] = self._request(_GET_LINK, _link(0) + _name(name))
        except OSError as error:
            if error.errno == errno.ENODEV:
                return 0
            raise
        return int(_LINK.unpack_from(answer)[2])

    def add_bridge(self, name: str) -> None:
        """Create a bridge."""
        self._request(_NEW_LINK, _link(0) + _name(name) + _kind("bridge"), _CREATE | _EXCLUSIVE)

    def add_veth(self, name: str, peer: str, pid: int, mac: str, mtu: int) -> None:
        """Create a veth pair.

        Args:
            name: of the end in this namespace.
            peer: the name of the other end.
            pid: a process, in whose network namespace the other end is.
            mac: the MAC address of the other end.
            mtu: of both ends; 0 for the default.
        """
        size = _number(_IFLA_MTU, mtu) if mtu else b""
        address = _attribute(_IFLA_ADDRESS, bytes.fromhex(mac.replace(":", "")))
        other = _link(0) + _name(peer) + _number(_IFLA_NET_NS_PID, pid) + address + size
        info = _kind("veth", _attribute(_VETH_INFO_PEER, other))
        self._request(_NEW_LINK, _link(0) + _name(name) + size + info, _CREATE | _EXCLUSIVE)

    def bring_up(self, index: int) -> None:
        """Bring an interface up."""
        self._request(_NEW_LINK, _link(index, _IFF_UP))

    def connect_to_bridge(self, index: int, bridge: int) -> None:
        """Make an interface a port of a bridge."""
        self._request(_NEW_LINK, _link(index) + _number(_IFLA_MASTER, bridge))

    def isolate_port(self, index: int) -> None:
        """Let a port of a bridge reach no other isolated port."""
        isolated = _attribute(_BRPORT_ISOLATED, b"\1")
        link = _link(index, family=socket.AF_BRIDGE)
        self._request(_SET_LINK, link + _attribute(_IFLA_PROTINFO | _NESTED, isolated))

    def delete_link(self, index: int) -> None:
        """Delete an interface, and the other end of a veth pair."""
        self._request(_DELETE_LINK, _link(index))

    def add_address(self, index: int, address: str, length: int) -> None:
        """Add an address with a prefix length to an interface."""
        family, packed = _packed(address)
        flags = _IFA_F_NODAD if family == socket.AF_INET6 else 0
        body = _ADDRESS.pack(family, length, flags, 0, index)
        body += _attribute(_IFA_LOCAL, packed) + _attribute(_IFA_ADDRESS, packed)
        self._request(_NEW_ADDRESS, body, _CREATE | _EXCLUSIVE)

    def set_default_route(self, gateway: str) -> None:
        """Add the default route of an address family, or replace it."""
        family, packed = _packed(gateway)
        route = _ROUTE.pack(family, 0, 0, 0, _MAIN_TABLE, _STATIC, 0, _UNICAST, 0)
        self._request(_NEW_ROUTE, route + _attribute(_RTA_GATEWAY, packed), _CREATE | _REPLACE)

    def add_rule(self, priority: int, action: int, source: str, destination: str = "") -> None:
        """Add a rule for IPv4 packets.

        Args:
            priority: the lowest is applied first.
            action: TO_MAIN_TABLE, BLACKHOLE or PROHIBIT.
            source: a network, such as `10.0.0.0/8`.
            destination: a network; all by default.
        """
        from_length, from_attribute = _network(_FRA_SRC, source)
        to_length, to_attribute = _network(_FRA_DST, destination) if destination else (0, b"")
        table = _MAIN_TABLE if action == TO_MAIN_TABLE else 0
        rule = _ROUTE.pack(socket.AF_INET, to_length, from_length, 0, table, 0, 0, action, 0)
        rule += _number(_FRA_PRIORITY, priority) + from_attribute + to_attribute
        self._request(_NEW_RULE, rule, _CREATE | _EXCLUSIVE)

    def delete_rules(self, matches: Callable[[str], bool]) -> None:
        """Delete the IPv4 rules with a source address that `matches`."""
        for rule in self._request(_GET_RULE, _ROUTE.pack(socket.AF_INET, *[0] * 8), _DUMP):
            source = dict(_attributes(rule[_ROUTE.size :])).get(_FRA_SRC)
            if source and matches(socket.inet_ntop(socket.AF_INET, source)):
                self._request(_DELETE_RULE, rule)

    def _request(self, kind: int, body: bytes, flags: int = 0) -> list[bytes]:
        """Send a request; return the bodies of the answers to it."""
        self._sequence += 1
        length = _HEADER.size + len(body)
        header = _HEADER.pack(length, kind, _REQUEST | _ACK | flags, self._sequence, 0)
        self._socket.sendall(header + body)
        answers: list[bytes] = []
        while True:
            for answer, content in _messages(self._socket.recv(_BUFFER)):
                if answer not in {_NLMSG_ERROR, _NLMSG_DONE}:
                    answers.append(content)
                    continue
                if code := -_ERROR.unpack_from(content)[0]:
                    raise OSError(code, os.strerror(code))
                return answers


def connection() -> AbstractContextManager[Netlink]:
    """Open a connection in this thread's network namespace; the context manager closes it."""
    return contextlib.closing(Netlink())


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each message."""
    while data:
        length, kind, *_ = _HEADER.unpack_from(data)
        yield kind, data[_HEADER.size : length]
        data = data[_aligned(length) :]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each attribute."""
    while data:
        length, kind = _ATTRIBUTE.unpack_from(data)
        yield kind, data[_ATTRIBUTE.size : length]
        data = data[_aligned(length) :]


def _attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + bytes(_aligned(length) - length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _number(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("=I", value))


def _name(name: str) -> bytes:
    return _attribute(_IFLA_IFNAME, name.encode() + b"\0")


def _kind(kind: str, data: bytes = b"") -> bytes:
    info = _attribute(_INFO_KIND, kind.encode())
    return _attribute(_IFLA_LINKINFO, info + (_attribute(_INFO_DATA, data) if data else b""))


def _link(index: int, flags: int = 0, family: int = socket.AF_UNSPEC) -> bytes:
    return _LINK.pack(family, 0, index, flags, flags)


def _packed(address: str) -> tuple[int, bytes]:
    """Return an address's family and bytes."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)


def _network(kind: int, network: str) -> tuple[int, bytes]:
    """Return the prefix length of a network, and an attribute with its address."""
    parsed = ipaddress.ip_network(network)
    return parsed.prefixlen, _attribute(kind, parsed.network_address.packed)
