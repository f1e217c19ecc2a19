"""Requests are decoded into Go's types, and rejected in its words."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.api.go_structs import NAMED, STRUCTS
from docker_magics.embedded.api.go_types import decoded
from docker_magics.embedded.errors import BadParameter

CREATE = "container.CreateRequest"
STRING = "string"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"StorageOpt": "x"}, "string into FIELD.StorageOpt of type map[string]string"),
        ({"CpusetCpus": 7}, "number into FIELD.CpusetCpus of type string"),
        ({"CpusetMems": ["0"]}, "array into FIELD.CpusetMems of type string"),
        ({"MemorySwappiness": "x"}, "string into FIELD.MemorySwappiness of type int64"),
        ({"Memory": 1.5}, "number 1.5 into FIELD.Memory of type int64"),
        ({"Memory": True}, "bool into FIELD.Memory of type int64"),
        ({"Memory": 1 << 63}, f"number {1 << 63} into FIELD.Memory of type int64"),
        ({"BlkioWeight": -1}, "number -1 into FIELD.BlkioWeight of type uint16"),
        ({"ConsoleSize": [1, "x"]}, "string into FIELD.ConsoleSize of type uint"),
        ({"OomKillDisable": "yes"}, "string into FIELD.OomKillDisable of type bool"),
        ({"NetworkMode": {}}, "object into FIELD.NetworkMode of type container.NetworkMode"),
        ({"PortBindings": []}, "array into FIELD.PortBindings of type nat.PortMap"),
        (
            {"PortBindings": {"80/tcp": {}}},
            "object into FIELD.PortBindings of type []nat.PortBinding",
        ),
        (
            {"PortBindings": {"80/tcp": ["x"]}},
            "string into FIELD.PortBindings of type nat.PortBinding",
        ),
        ({"Mounts": ["x"]}, "string into FIELD.Mounts of type mount.Mount"),
        ({"Ulimits": [7]}, "number into FIELD.Ulimits of type units.Ulimit"),
        ({"DeviceRequests": [{"Capabilities": ["x"]}]}, None),
        ({"CapAdd": 7}, "number into FIELD.CapAdd of type string"),
        ({"CapAdd": [7]}, "array into FIELD.CapAdd of type string"),
    ],
)
def test_wrong_types_in_a_host_config(fields: dict[str, Any], message: str | None) -> None:
    expected = message or (
        "string into Go struct field DeviceRequest.HostConfig.DeviceRequests.Capabilities"
        " of type []string"
    )
    with pytest.raises(BadParameter) as caught:
        decoded({"HostConfig": fields}, CREATE)
    where = "Go struct field HostConfig.HostConfig"
    assert str(caught.value) == f"json: cannot unmarshal {expected.replace('FIELD', where)}"


@pytest.mark.parametrize(
    ("go_type", "body", "message"),
    [
        (CREATE, {"Cmd": [["sh"]]}, "array into Go struct field CreateRequest.Cmd of type string"),
        (CREATE, {"Env": [7]}, "number into Go struct field CreateRequest.Env of type string"),
        (
            CREATE,
            {"HostConfig": {"Mounts": [{"TmpfsOptions": {"Mode": -1}}]}},
            (
                "number -1 into Go struct field TmpfsOptions.HostConfig.Mounts.TmpfsOptions.Mode"
                " of type fs.FileMode"
            ),
        ),
        (
            CREATE,
            {"NetworkingConfig": {"EndpointsConfig": {"n": {"IPAMConfig": {"IPv4Address": 1}}}}},
            (
                "number into Go struct field EndpointIPAMConfig.NetworkingConfig.EndpointsConfig"
                ".IPAMConfig.IPv4Address of type string"
            ),
        ),
        (
            "network.CreateRequest",
            {"IPAM": {"Config": {}}},
            "object into Go struct field IPAM.IPAM.Config of type []network.IPAMConfig",
        ),
        (
            "network.CreateRequest",
            {"Scope": 7},
            "number into Go struct field CreateRequest.Scope of type string",
        ),
        (
            "volume.CreateOptions",
            {"Labels": {"a": 1}},
            "number into Go struct field CreateOptions.Labels of type string",
        ),
        (
            "container.ExecOptions",
            {"Cmd": "ls"},
            "string into Go struct field ExecOptions.Cmd of type []string",
        ),
        (
            "registry.AuthConfig",
            {"username": 7},
            "number into Go struct field AuthConfig.username of type string",
        ),
    ],
)
def test_wrong_types_in_other_requests(go_type: str, body: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        decoded(body, go_type)
    assert str(caught.value) == f"json: cannot unmarshal {message}"


def test_values_are_those_that_go_would_have() -> None:
    body = {
        "cmd": "ls",
        "ENTRYPOINT": [None, "x"],
        "unknown": 7,
        "HostConfig": {
            "consolesize": [1],
            "Ulimits": [None],
            "PortBindings": {"80/tcp": None, "81/tcp": [None]},
            "DeviceRequests": [{"Capabilities": [None]}],
            "Memory": None,
        },
    }
    assert decoded(body, CREATE) == {
        "Cmd": ["ls"],
        "Entrypoint": ["", "x"],
        "HostConfig": {
            "ConsoleSize": [1, 0],
            "Ulimits": [{}],
            "PortBindings": {"80/tcp": None, "81/tcp": [{}]},
            "DeviceRequests": [{"Capabilities": [None]}],
        },
    }
    assert decoded({"Memory": 5, "memory": None}, "container.HostConfig") == {"Memory": 5}
    assert decoded([1, 2, 3], "[2]uint") == [1, 2]
    assert decoded(None, CREATE) is None


def test_every_type_of_the_tables_is_known() -> None:
    types = {type_ for fields in STRUCTS.values() for type_ in fields.values()}
    for go_type in types | set(NAMED.values()):
        assert decoded(None, go_type) is None
        element = go_type.rpartition("]")[2].removeprefix("*")
        samples: tuple[Any, ...] = ({}, [], "", 0, False, "2006-01-02T15:04:05Z")
        assert any(_accepts(element, sample) for sample in samples), element


def _accepts(go_type: str, sample: Any) -> bool:
    try:
        decoded(sample, go_type)
    except BadParameter:
        return False
    return True
