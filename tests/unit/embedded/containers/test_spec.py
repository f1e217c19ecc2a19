"""The runtime's specification of a container."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import container

from docker_magics.embedded.containers import security, spec
from docker_magics.embedded.containers.environment import Link
from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.records import defaults
from docker_magics.embedded.runtime.process import NO_TASK

ROOTFS: Any = {"lower": ["/l"], "upper": "/u"}
NEW = {"net": "new", "pid": "new", "ipc": "new", "uts": "new"}


def spec_of(folder: Path, *, surroundings: Any = None, **fields: Any) -> Any:
    values = {"rootfs": ROOTFS, "mounts": [], "namespaces": NEW, **(surroundings or {})}
    return spec.container_spec(container(folder, **fields), spec.Surroundings(**values))


def test_defaults(tmp_path: Path) -> None:
    result = spec_of(tmp_path, config={"Cmd": ["a", "b"], "Entrypoint": ["/entry"]})
    assert result["args"] == ["/entry", "a", "b"]
    assert (result["cwd"], result["user"], result["groups"]) == ("/", "", [])
    assert (result["tty"], result["stdin"], result["stdin_once"]) == (False, False, False)
    assert (result["size"], result["init"], result["privileged"]) == (None, False, False)
    assert not result["no_new_privs"]
    assert result["seccomp"] == security.filter_of(defaults.HOST_CONFIG)
    assert result["rootfs"] is ROOTFS
    assert result["namespaces"] == NEW
    assert result["shm_size"] == 64 << 20
    assert result["masked"][: len(defaults.MASKED)] == defaults.MASKED
    assert "/sys/devices/virtual/powercap" in result["masked"]
    assert result["read_only"] == defaults.READ_ONLY
    assert result["log"]["max_file"] == 1
    assert "CHOWN" in result["caps"]
    assert "SYS_ADMIN" not in result["caps"]


def test_values_of_the_record(tmp_path: Path) -> None:
    config = {
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "User": "app:staff",
        "WorkingDir": "/srv",
        "Hostname": "box",
        "Domainname": "example.org",
    }
    host_config = {
        "GroupAdd": ["audio"],
        "ConsoleSize": [24, 80],
        "Init": True,
        "OomScoreAdj": -5,
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
        "Sysctls": {"net.core.somaxconn": "9"},
        "ShmSize": 1,
        "LogConfig": {"Type": "none", "Config": {}},
    }
    result = spec_of(tmp_path, config=config, host_config=host_config)
    assert (result["user"], result["groups"], result["cwd"]) == ("app:staff", ["audio"], "/srv")
    assert (result["tty"], result["stdin"], result["stdin_once"]) == (True, True, True)
    assert (result["hostname"], result["domainname"]) == ("box", "example.org")
    assert (result["size"], result["init"], result["oom_score_adj"]) == ([24, 80], True, -5)
    assert result["ulimits"] == host_config["Ulimits"]
    assert result["sysctls"] == host_config["Sysctls"]
    assert (result["shm_size"], result["log"]) == (1, None)
    assert "TERM=xterm" in result["env"]


@pytest.mark.parametrize(
    ("host_config", "present", "absent"),
    [
        ({"CapAdd": ["SYS_TIME"]}, {"SYS_TIME", "KILL"}, {"SYS_ADMIN"}),
        ({"CapDrop": ["ALL"]}, set(), {"KILL"}),
        ({"CapDrop": ["ALL"], "CapAdd": ["kill"]}, {"KILL"}, {"CHOWN"}),
        ({"CapAdd": ["ALL"], "CapDrop": ["KILL"]}, {"SYS_ADMIN"}, {"KILL"}),
        ({"Privileged": True, "CapDrop": ["ALL"]}, {"SYS_ADMIN", "KILL"}, set()),
    ],
)
def test_capabilities(
    tmp_path: Path, host_config: Any, present: set[str], absent: set[str]
) -> None:
    kept = set(spec_of(tmp_path, host_config=host_config)["caps"])
    assert present <= kept
    assert not absent & kept


def test_security_options(tmp_path: Path) -> None:
    host_config = {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]}
    result = spec_of(tmp_path, host_config=host_config)
    assert (result["no_new_privs"], result["seccomp"]) == (True, None)


def test_nothing_is_masked_for_a_privileged_container(tmp_path: Path) -> None:
    host_config = {"MaskedPaths": None, "ReadonlyPaths": None}
    result = spec_of(tmp_path, host_config=host_config)
    assert (result["masked"], result["read_only"]) == ([], [])


def test_network_defaults_only_in_a_network_namespace_of_its_own(tmp_path: Path) -> None:
    assert spec_of(tmp_path)["default_sysctls"]["net.ipv4.ip_unprivileged_port_start"] == "0"
    for source in ("host", 42):
        result = spec_of(tmp_path, surroundings={"namespaces": {**NEW, "net": source}})
        assert result["default_sysctls"] == {}


def test_files_in_etc_unless_mounted_over(tmp_path: Path) -> None:
    mount = {"kind": "bind", "source": "/s", "target": "/d", "readonly": False}
    points = [{"Type": "bind", "Source": "/x", "Destination": "/etc/hosts"}]
    box = container(tmp_path, Mounts=points, host_config={"ReadonlyRootfs": True})
    assert spec.etc_targets(box) == ["/etc/hostname", "/etc/resolv.conf"]
    surroundings = spec.Surroundings(rootfs=ROOTFS, mounts=[mount], namespaces=NEW)
    first, *files = spec.container_spec(box, surroundings)["mounts"]
    assert first is mount
    names = ("hostname", "resolv.conf")
    assert [file["source"] for file in files] == [f"{box.folder}/{name}" for name in names]
    assert [file["target"] for file in files] == [f"/etc/{name}" for name in names]
    assert all(file["readonly"] for file in files)


@pytest.mark.parametrize(
    ("command", "image_command", "expected"),
    [
        (["serve"], ("serve", "-v"), True),
        (["serve", "--fast"], ("serve",), True),
        (["--fast"], ("serve",), True),
        (["sh"], ("serve",), False),
        ([], (), True),
        (["sh"], (), False),
    ],
)
def test_whether_the_command_is_the_image_s(
    tmp_path: Path, command: list[str], image_command: tuple[str, ...], *, expected: bool
) -> None:
    result = spec_of(
        tmp_path, config={"Cmd": command}, surroundings={"image_command": image_command}
    )
    assert result["own_command"] is expected


def test_variables_of_links(tmp_path: Path) -> None:
    link = Link("/web/db", "db", "10.0.0.1", (), ("A=1",))
    assert "DB_ENV_A=1" in spec_of(tmp_path, surroundings={"links": (link,)})["env"]


def test_devices(tmp_path: Path) -> None:
    devices = [
        {"PathOnHost": "/dev/null", "PathInContainer": "/dev/nil"},
        {"PathOnHost": "/dev/zero"},
    ]
    result = spec_of(tmp_path, host_config={"Devices": devices})["devices"]
    assert [(device["source"], device["target"]) for device in result] == [
        ("/dev/null", "/dev/nil"),
        ("/dev/zero", "/dev/zero"),
    ]


@pytest.mark.parametrize(
    ("host_config", "message"),
    [
        (
            {"Devices": [{"PathOnHost": "/dev/nowhere"}]},
            (
                'error gathering device information while adding custom device "/dev/nowhere":'
                " no such file or directory"
            ),
        ),
        (
            {"DeviceRequests": [{"Driver": "x", "Capabilities": [["gpu", "a"], ["b"]]}]},
            'could not select device driver "x" with capabilities: [[gpu a] [b]]',
        ),
        ({"DeviceRequests": [{}]}, 'could not select device driver "" with capabilities: []'),
        (
            {"BlkioDeviceReadBps": [{"Path": "/dev/nowhere", "Rate": 1}]},
            "stat /dev/nowhere: no such file or directory",
        ),
        (
            {"LogConfig": {"Type": "syslog", "Config": {}}},
            f"{NO_TASK}: failed to initialize logging driver: Unix syslog delivery error",
        ),
    ],
)
def test_what_the_host_lacks(tmp_path: Path, host_config: Any, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        spec_of(tmp_path, host_config=host_config)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("host_config", "reason"),
    [
        ({"NetworkMode": "host", "Sysctls": {"net.x": "1"}}, 'sysctl "net.x" not allowed in host'),
        ({"IpcMode": "host", "Sysctls": {"kernel.sem": "1"}}, "not allowed in the hosts ipc"),
        ({"IpcMode": "host", "Sysctls": {"fs.mqueue.x": "1"}}, "not allowed in the hosts ipc"),
        ({"Sysctls": {"kernel.core_pattern": "x"}}, "is not in a separate kernel namespace"),
        ({"Sysctls": {"kernel/core_pattern": "x"}}, 'sysctl "kernel.core_pattern" is not in'),
        ({"Sysctls": {"vm.overcommit_memory": "1"}}, "is not in a separate kernel namespace"),
        ({"Sysctls": {"kernel.shm": "1"}}, "is not in a separate kernel namespace"),
        ({"Sysctls": {"netfoo": "1"}}, "is not in a separate kernel namespace"),
        ({"Sysctls": {"": "1"}}, 'sysctl "" is not in a separate kernel namespace'),
        ({"Sysctls": {"kernel.hostname": "x"}}, 'conflicts with the OCI "hostname" field'),
        ({"CpuShares": -1}, "shares: invalid argument"),
    ],
)
def test_values_that_runc_rejects(tmp_path: Path, host_config: Any, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        spec.check(container(tmp_path, host_config=host_config).host_config, shares_host_name=False)


def test_the_name_of_the_host_is_not_changed(tmp_path: Path) -> None:
    made = container(tmp_path, host_config={"Sysctls": {"kernel.domainname": "x"}})
    with pytest.raises(ApiError, match="is not in a separate kernel namespace"):
        spec.check(made.host_config, shares_host_name=True)


def test_values_that_runc_accepts(tmp_path: Path) -> None:
    sysctls = {"net.x": "1", "kernel.sem": "1", "kernel/shmmax": "1", "fs.mqueue.x": "1"}
    made = container(tmp_path, host_config={"Sysctls": sysctls})
    spec.check(made.host_config, shares_host_name=False)
    host = {"NetworkMode": "host", "IpcMode": "host", "Sysctls": {"kernel.domainname": "x"}}
    spec.check(container(tmp_path, host_config=host).host_config, shares_host_name=False)
