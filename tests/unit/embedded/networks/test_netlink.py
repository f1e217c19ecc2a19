"""Netlink, on the kernel: what it makes is read back with iproute2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

#: Runs in a new network namespace; another one is that of a child.
SCRIPT = """
import json, subprocess, sys, time
from docker_magics.embedded.networks import netlink

child = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; cat"], stdin=-1, stdout=-1)
child.stdout.readline()
with netlink.connection() as route:
    route.bring_up(1)
    route.add_bridge("br-1")
    bridge = route.index("br-1")
    route.add_address(bridge, "10.0.0.1", 24)
    route.add_address(bridge, "fd00::1", 64)
    route.bring_up(bridge)
    route.add_veth("veth1", "eth0", child.pid, "02:42:0a:00:00:02", 1400)
    veth = route.index("veth1")
    route.connect_to_bridge(veth, bridge)
    route.isolate_port(veth)
    route.set_default_route("10.0.0.7")
    route.set_default_route("10.0.0.8")
    route.set_default_route("fd00::8")
    route.add_rule(50, netlink.TO_MAIN_TABLE, "10.0.0.1/32")
    route.add_rule(100, netlink.BLACKHOLE, "10.0.0.0/24")
    route.add_rule(100, netlink.PROHIBIT, "10.1.0.0/24", "10.0.0.0/24")
    errors = []
    for action in (
        lambda: route.add_rule(100, netlink.BLACKHOLE, "10.0.0.0/24"),
        lambda: route.add_bridge("br-1"),
        lambda: route.add_veth("veth2", "eth0", 1 << 22, "02:42:0a:00:00:02", 0),
        lambda: route.delete_link(99),
    ):
        try:
            action()
        except OSError as error:
            errors.append(error.strerror)

    def ip(*words):
        return json.loads(subprocess.check_output(["ip", "-j", "-d", *words]))

    def state():
        return {"links": ip("addr"), "rules": ip("rule"), "routes": ip("route", "show", "default"),
                "ipv6": ip("-6", "route", "show", "default")}

    before = state()
    peer = json.loads(subprocess.check_output(
        ["nsenter", "-t", str(child.pid), "-n", "ip", "-j", "addr", "show", "eth0"]))
    route.delete_rules(lambda source: source.startswith("10.0.0."))
    route.delete_link(veth)
    print(json.dumps({"before": before, "after": state(), "errors": errors, "peer": peer,
                      "none": route.index("veth1")}))
child.communicate()
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the script saw."""
    command = ["unshare", "-n", *(["-r"] if os.geteuid() else []), sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert not done.returncode, done.stderr
    return dict(json.loads(done.stdout))


def named(state: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return an interface."""
    return next((link for link in state["links"] if link.get("ifname") == name), None)


def test_a_bridge(seen: dict[str, Any]) -> None:
    bridge = named(seen["before"], "br-1")
    assert bridge
    assert bridge["linkinfo"]["info_kind"] == "bridge"
    addresses = [(address["local"], address["prefixlen"]) for address in bridge["addr_info"]]
    assert {("10.0.0.1", 24), ("fd00::1", 64)} <= set(addresses)
    assert "UP" in bridge["flags"]


def test_a_veth_pair(seen: dict[str, Any]) -> None:
    veth = named(seen["before"], "veth1")
    assert veth
    assert (veth["master"], veth["mtu"]) == ("br-1", 1400)
    assert veth["linkinfo"]["info_slave_data"]["isolated"] is True
    [peer] = seen["peer"]
    assert (peer["address"], peer["mtu"]) == ("02:42:0a:00:00:02", 1400)
    assert named(seen["after"], "veth1") is None
    assert seen["none"] == 0


def test_the_last_default_route_applies(seen: dict[str, Any]) -> None:
    assert [route["gateway"] for route in seen["before"]["routes"]] == ["10.0.0.8"]
    assert [route["gateway"] for route in seen["before"]["ipv6"]] == ["fd00::8"]


def test_rules(seen: dict[str, Any]) -> None:
    def rules(state: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [
            (rule["priority"], rule["src"], rule.get("dst"), rule.get("action", rule.get("table")))
            for rule in state["rules"]
            if rule["priority"] in {50, 100}
        ]

    open_, closed, between = rules(seen["before"])
    assert open_ == (50, "10.0.0.1", None, "main")
    assert closed == (100, "10.0.0.0", None, "blackhole")
    assert between == (100, "10.1.0.0", "10.0.0.0", "prohibit")
    assert rules(seen["after"]) == [between]


def test_errors_are_the_kernels(seen: dict[str, Any]) -> None:
    assert seen["errors"] == ["File exists", "File exists", "No such process", "No such device"]
