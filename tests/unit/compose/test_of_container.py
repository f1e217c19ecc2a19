"""Containers as a Compose file: what a container says beyond its image."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from docker_magics.compose.of_container import compose_of

_IMAGE: dict[str, Any] = {
    "Config": {
        "Cmd": ["redis-server"],
        "Entrypoint": ["entry.sh"],
        "Env": ["PATH=/bin"],
        "Labels": {"maker": "someone"},
        "Volumes": {"/data": {}},
        "WorkingDir": "/data",
    }
}
_CONTAINER: dict[str, Any] = {
    "Id": "0123456789ab" + 52 * "0",
    "Name": "/web",
    "Config": {"Image": "redis:7", "Hostname": "0123456789ab", **_IMAGE["Config"]},
    "HostConfig": {
        "IpcMode": "private",
        "NetworkMode": "bridge",
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "ShmSize": 64 << 20,
    },
    "Mounts": [],
    "NetworkSettings": {"Networks": {"bridge": {"Aliases": None}}},
}
_HEAD = 'services:\n  web:\n    image: "redis:7"\n    container_name: "web"\n'


def _file(config: dict[str, Any] | None = None, **host: Any) -> str:
    container = copy.deepcopy(_CONTAINER)
    container["Config"] |= config or {}
    container["HostConfig"] |= host
    return compose_of([(container, _IMAGE)])


def _mounted(**mount: Any) -> str:
    return compose_of([(_CONTAINER | {"Mounts": [{"RW": True, **mount}]}, _IMAGE)])


def test_what_the_image_says_is_left_out() -> None:
    assert _file() == _HEAD


def test_of_an_image_that_is_gone_all_is_said() -> None:
    assert '      - "PATH=/bin"\n' in compose_of([(_CONTAINER, {})])


@pytest.mark.parametrize(
    ("config", "lines"),
    [
        ({"Cmd": ["sh", "-c", "echo $HOME"]}, 'command:\n  - "sh"\n  - "-c"\n  - "echo $$HOME"'),
        (
            {"Entrypoint": None},
            'entrypoint:\n  - ""\ncommand:\n  - "redis-server"',
        ),
        ({"Labels": {"a": "one\ntwo"}}, "labels:\n  a: |-\n    one\n    two"),
        ({"Env": ["PATH=/bin", "A=1"]}, 'environment:\n  - "A=1"'),
        ({"Hostname": "box"}, 'hostname: "box"'),
        ({"Labels": {"a": "b", "com.docker.compose.project": "p"}}, 'labels:\n  a: "b"'),
        ({"StopTimeout": 0}, 'stop_grace_period: "0s"'),
        ({"OpenStdin": True, "Tty": True}, "stdin_open: true\ntty: true"),
        ({"Healthcheck": {"Test": ["NONE"]}}, "healthcheck:\n  disable: true"),
        (
            {"Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_500_000_000, "Retries": 2}},
            'healthcheck:\n  test:\n    - "CMD"\n    - "true"\n  interval: "1500ms"\n  retries: 2',
        ),
    ],
)
def test_the_program(config: dict[str, Any], lines: str) -> None:
    assert _file(config) == _HEAD + _indented(lines)


@pytest.mark.parametrize(
    ("host", "lines"),
    [
        ({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}, '  - "8080:80"'),
        ({"PortBindings": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": ""}]}}, '  - "80"'),
        (
            {"PortBindings": {"53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}]}},
            '  - "127.0.0.1:53:53/udp"',
        ),
        ({"PortBindings": {"80/tcp": [{"HostIp": "::1", "HostPort": "1"}]}}, '  - "[::1]:1:80"'),
    ],
)
def test_published_ports(host: dict[str, Any], lines: str) -> None:
    assert _file(**host) == _HEAD + _indented(f"ports:\n{lines}")


@pytest.mark.parametrize(
    ("host", "lines"),
    [
        ({"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}, 'restart: "always"'),
        (
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
            'restart: "on-failure:3"',
        ),
        ({"Memory": 1 << 20, "NanoCpus": 500_000_000}, "cpus: 0.5\nmem_limit: 1048576"),
        ({"ShmSize": 1 << 20}, "shm_size: 1048576"),
        ({"Tmpfs": {"/run": "size=1m"}}, 'tmpfs:\n  - "/run:size=1m"'),
        ({"NetworkMode": "host"}, 'network_mode: "host"'),
        ({"CapAdd": ["NET_ADMIN"], "Init": True}, 'cap_add:\n  - "NET_ADMIN"\ninit: true'),
        (
            {"Ulimits": [{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}]},
            "ulimits:\n  nofile:\n    soft: 1\n    hard: 2",
        ),
        (
            {
                "Devices": [
                    {
                        "PathOnHost": "/dev/fuse",
                        "PathInContainer": "/dev/fuse",
                        "CgroupPermissions": "r",
                    }
                ]
            },
            'devices:\n  - "/dev/fuse:/dev/fuse:r"',
        ),
    ],
)
def test_the_surroundings(host: dict[str, Any], lines: str) -> None:
    assert _file(**host) == _HEAD + _indented(lines)


def test_volumes_that_exist_are_external() -> None:
    volume = {"Type": "volume", "Name": "data", "Destination": "/data"}
    tail = "volumes:\n  data:\n    external: true\n"
    assert _mounted(**volume) == _HEAD + _indented('volumes:\n  - "data:/data"') + tail


def test_an_anonymous_volume_of_the_image_is_left_out() -> None:
    assert _mounted(Type="volume", Name=64 * "a", Destination="/data") == _HEAD
    other = _mounted(Type="volume", Name=64 * "a", Destination="/cache")
    assert other == _HEAD + _indented('volumes:\n  - "/cache"')


def test_a_folder_with_a_colon_has_the_long_form() -> None:
    lines = 'volumes:\n  - type: "bind"\n    source: "/a:b"\n    target: "/c"\n    read_only: true'
    text = _mounted(Type="bind", Source="/a:b", Destination="/c", RW=False)
    assert text == _HEAD + _indented(lines)


def test_networks_of_several_services() -> None:
    networks = {"back": {"Aliases": ["web", "0123456789ab", "cache"], "IPAMConfig": {}}}
    one = _CONTAINER | {"NetworkSettings": {"Networks": networks}}
    other = one | {"Name": "/db", "NetworkSettings": {"Networks": {"back": {}}}}
    lines = 'networks:\n  back:\n    aliases:\n      - "cache"'
    db = _HEAD.removeprefix("services:\n").replace("web", "db")
    expected = _HEAD + _indented(lines) + db + _indented("networks:\n  back: null")
    assert compose_of([(one, _IMAGE), (other, _IMAGE)]) == (
        expected + "networks:\n  back:\n    external: true\n"
    )


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())
