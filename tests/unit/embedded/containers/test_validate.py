"""HostConfig: defaults, implied values, and dockerd's message for each invalid value."""

# ruff: noqa: E501 - a message of dockerd is one line

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, container

from docker_magics.embedded.containers import validate
from docker_magics.embedded.errors import BadParameter, NotFound
from docker_magics.embedded.records import defaults
from docker_magics.embedded.records.host_config import HostConfig

MIB = 1 << 20
CPUS = os.cpu_count() or 1
AVAILABLE = f"0-{CPUS - 1}" if CPUS > 1 else "0"


def checked(**request: Any) -> HostConfig:
    return validate.host_config(request, FakeContainers(), "2")


def test_defaults() -> None:
    expected = {
        **defaults.HOST_CONFIG,
        "CgroupnsMode": "private",
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    }
    assert checked() == expected
    assert checked(NetworkMode="", IpcMode="", Runtime="", ShmSize=0, Memory=None) == expected
    assert validate.host_config({}, FakeContainers(), "1")["CgroupnsMode"] == "host"


def test_the_defaults_are_not_shared() -> None:
    checked()["LogConfig"]["Config"]["tag"] = "x"
    masked = checked()["MaskedPaths"]
    assert masked is not None
    masked.clear()
    assert checked()["LogConfig"]["Config"] == {}
    assert checked()["MaskedPaths"] == defaults.MASKED


def test_implied_values() -> None:
    assert checked(Memory=64 * MIB)["MemorySwap"] == 128 * MIB
    assert checked(Memory=64 * MIB, MemorySwap=-1)["MemorySwap"] == -1
    assert checked(MemorySwappiness=-1)["MemorySwappiness"] is None
    assert checked(PidsLimit=-1)["PidsLimit"] is None
    assert checked(PidsLimit=5)["PidsLimit"] == 5
    privileged = checked(Privileged=True)
    assert (privileged["MaskedPaths"], privileged["ReadonlyPaths"]) == (None, None)
    assert privileged["SecurityOpt"] == ["label=disable"]
    assert checked(PidMode="host", SecurityOpt=["label=x"])["SecurityOpt"] == ["label=x"]
    assert checked(IpcMode="host")["SecurityOpt"] == ["label=disable"]


def test_unset_optional_fields_are_omitted() -> None:
    assert "Tmpfs" not in checked(Tmpfs=None, Nonsense=1)
    assert checked(Tmpfs={"/t": ""})["Tmpfs"] == {"/t": ""}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("Isolation", "hyperv", "invalid isolation (hyperv): linux only supports 'default'"),
        ("StorageOpt", {"colour": "1"}, "Unknown option colour"),
        (
            "StorageOpt",
            {"size": "1G"},
            "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
        ),
        ("CapAdd", ["CAP_X"], 'invalid CapAdd: unknown capability: "CAP_X"'),
        ("CapDrop", ["X"], 'invalid CapDrop: unknown capability: "CAP_X"'),
        ("RestartPolicy", {"Name": "maybe"}, "invalid restart policy: unknown policy 'maybe'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"),
        (
            "RestartPolicy",
            {"Name": "always", "MaximumRetryCount": 2},
            "invalid restart policy: maximum retry count can only be used with 'on-failure'",
        ),
        (
            "RestartPolicy",
            {"Name": "on-failure", "MaximumRetryCount": -1},
            "invalid restart policy: maximum retry count cannot be negative",
        ),
        ("SecurityOpt", ["word"], 'invalid --security-opt 1: "word"'),
        ("SecurityOpt", ["colour=red"], 'invalid --security-opt 2: "colour=red"'),
        (
            "SecurityOpt",
            ["no-new-privileges=maybe"],
            'invalid --security-opt 2: "no-new-privileges=maybe"',
        ),
        ("PidMode", "mine", "invalid PID mode: mine"),
        ("IpcMode", "mine", "invalid IPC mode: mine"),
        ("UTSMode", "mine", "invalid UTS mode: mine"),
        ("CgroupnsMode", "mine", "invalid cgroup namespace mode: mine"),
        ("UsernsMode", "mine", "invalid userns mode: mine"),
        ("Runtime", "fast", "unknown or invalid runtime name: fast"),
        ("PortBindings", {"x": None}, 'invalid port specification: "x"'),
        ("PortBindings", {"0/tcp": []}, 'invalid port specification: "0/tcp"'),
        ("PortBindings", {"65536/tcp": []}, 'invalid port specification: "65536/tcp"'),
        ("PortBindings", {"-1/tcp": []}, 'invalid port specification: "-1/tcp"'),
        ("PortBindings", {"80/quic": []}, "invalid proto: quic"),
        ("PortBindings", {"80": [{"HostPort": "x"}]}, 'invalid port specification: "x"'),
        ("PortBindings", {"80": [{"HostPort": "1-x"}]}, 'invalid port specification: "1-x"'),
        ("LogConfig", {"Type": "paper"}, 'error looking up logging plugin paper: plugin "paper" not found'),
        ("OomScoreAdj", 1001, "Invalid value 1001, range for oom score adj is [-1000, 1000]"),
        ("ShmSize", -1, "SHM size can not be less than 0"),
        ("Memory", MIB, "Minimum memory limit allowed is 6MB"),
        ("MemoryReservation", 1, "Minimum memory reservation allowed is 6MB"),
        (
            "MemorySwap",
            MIB,
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        ),
        ("MemorySwappiness", 101, "Invalid value: 101, valid memory swappiness range is 0-100"),
        ("MemorySwappiness", -2, "Invalid value: -2, valid memory swappiness range is 0-100"),
        (
            "NanoCpus",
            10**15,
            f"range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available",
        ),
        (
            "NanoCpus",
            -1,
            f"range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available",
        ),
        (
            "CpuPeriod",
            999,
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        ),
        ("CpuQuota", 999, "CPU cfs quota can not be less than 1ms (i.e. 1000)"),
        ("CpusetCpus", "a", "Invalid value a for cpuset cpus: invalid format: a"),
        ("CpusetCpus", "1-", "Invalid value 1- for cpuset cpus: invalid format: 1-"),
        ("CpusetCpus", "1-0", "Invalid value 1-0 for cpuset cpus: invalid format: 1-0"),
        (
            "CpusetCpus",
            "0,9999",
            f"Requested CPUs are not available - requested 0,9999, available: {AVAILABLE}",
        ),
        ("CpusetMems", "1", "Requested memory nodes are not available - requested 1, available: 0"),
    ],
)  # fmt: skip
def test_invalid_fields(field: str, value: Any, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        checked(**{field: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"Memory": 64 * MIB, "MemorySwap": 32 * MIB},
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
        (
            {"Memory": 16 * MIB, "MemoryReservation": 32 * MIB},
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        ),
        (
            {"NanoCpus": 1, "CpuPeriod": 1},
            "Conflicting options: Nano CPUs and CPU Period cannot both be set",
        ),
        (
            {"NanoCpus": 1, "CpuQuota": 1},
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
        ),
        (
            {"AutoRemove": True, "RestartPolicy": {"Name": "always"}},
            "can't create 'AutoRemove' container with restart policy",
        ),
    ],
)
def test_contradicting_fields(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        checked(**request_)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("SecurityOpt", ["no-new-privileges", "seccomp=unconfined", "apparmor:unconfined"]),
        ("SecurityOpt", ["no-new-privileges=true", "label:user:x"]),
        ("PortBindings", {"80": None, "53/udp": [{"HostPort": "5300-5310"}, {}]}),
        ("CpusetCpus", "0"),
        ("NanoCpus", CPUS * 10**9),
        ("RestartPolicy", {"Name": "on-failure", "MaximumRetryCount": 3}),
        ("CapAdd", ["ALL", "net_admin", "CAP_SYS_TIME"]),
        ("IpcMode", "shareable"),
        ("Runtime", "io.containerd.runc.v2"),
    ],
)
def test_valid_values(field: str, value: Any) -> None:
    config: Any = checked(**{field: value})
    assert config[field] == value


def test_donors_of_namespaces_are_recorded_by_id(tmp_path: Path) -> None:
    donor = container(tmp_path, "donor")
    modes = dict.fromkeys(("PidMode", "IpcMode", "UTSMode"), "container:donor")
    config: Any = validate.host_config(modes, FakeContainers(donor), "2")
    assert [config[key] for key in modes] == [f"container:{donor.id}"] * 3
    with pytest.raises(NotFound, match="No such container: other"):
        validate.host_config({"PidMode": "container:other"}, FakeContainers(donor), "2")


def test_an_ambiguous_donor_of_ipc() -> None:
    class Ambiguous(FakeContainers):
        def get(self, text: str) -> Any:
            raise BadParameter(f"Multiple IDs found with provided prefix: {text}")

    with pytest.raises(BadParameter) as caught:
        validate.host_config({"IpcMode": "container:ab"}, Ambiguous(), "2")
    reason = "Multiple IDs found with provided prefix: ab"
    assert str(caught.value) == f"failed to join IPC namespace: container ab: {reason}"


UNDEFINED = "This would result in undefined behavior"


@pytest.mark.parametrize(
    ("request_", "host_config", "message"),
    [
        ({}, {"NetworkMode": "container"}, "invalid network mode: invalid container format container:<name|id>"),
        ({}, {"NetworkMode": "container:"}, "invalid network mode: invalid container format container:<name|id>"),
        ({"Hostname": "h"}, {"NetworkMode": "container:x"}, "conflicting options: hostname and the network mode"),
        ({}, {"NetworkMode": "container:x", "Links": ["a"]}, f"conflicting options: container type network can't be used with links. {UNDEFINED}"),
        ({}, {"NetworkMode": "container:x", "Dns": ["1.1.1.1"]}, "conflicting options: dns and the network mode"),
        ({}, {"NetworkMode": "container:x", "ExtraHosts": ["a:1"]}, "conflicting options: custom host-to-IP mapping and the network mode"),
        ({"MacAddress": "02::"}, {"NetworkMode": "container:x"}, "conflicting options: mac-address and the network mode"),
        ({"MacAddress": "02::"}, {"NetworkMode": "host"}, "conflicting options: mac-address and the network mode"),
        ({}, {"NetworkMode": "container:x", "PortBindings": {"80": None}}, "conflicting options: port publishing and the container type network mode"),
        ({}, {"NetworkMode": "container:x", "PublishAllPorts": True}, "conflicting options: port publishing and the container type network mode"),
        ({"ExposedPorts": {"80": {}}}, {"NetworkMode": "container:x"}, "conflicting options: port exposing and the container type network mode"),
        ({"Hostname": "h"}, {"UTSMode": "host"}, "conflicting options: hostname and the UTS mode"),
        ({}, {"NetworkMode": "host", "Links": ["a"]}, f"conflicting options: host type networking can't be used with links. {UNDEFINED}"),
    ],
)  # fmt: skip
def test_conflicts(request_: dict[str, Any], host_config: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        validate.check_conflicts(request_, checked(**host_config))
    assert str(caught.value) == message


def test_no_conflict() -> None:
    request = {"Hostname": "h", "MacAddress": "02::", "ExposedPorts": {"80": {}}}
    validate.check_conflicts(request, checked(NetworkMode="bridge", Links=["a"]))
