"""The diagrams of ports, mounts and networks."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from docker_magics.course import diagrams
from docker_magics.errors import NotFound, UsageError
from docker_magics.results.drawing import Picture

Fake = Any  # tests/unit/course/conftest.py: FakeSession


def lines(picture: Picture) -> list[str]:
    """Return the text alternative, which the SVG has as well."""
    root = ET.fromstring(picture._repr_html_())  # noqa: S314 - it is ours
    assert root.findtext("{*}desc") == "\n".join(picture.lines)
    return list(picture.lines)


def settings(ports: Any, address: str = "172.17.0.2") -> dict[str, Any]:
    return {"Ports": ports, "Networks": {"bridge": {"IPAddress": address}}}


def test_ports_lead_from_the_browser_to_the_process(fake: Fake) -> None:
    bindings = {
        "3000/tcp": [
            {"HostIp": "0.0.0.0", "HostPort": "8083"},
            {"HostIp": "::", "HostPort": "8083"},
            {"HostIp": "127.0.0.1", "HostPort": "8080"},
        ],
        "99/tcp": None,
    }
    fake.container("web", NetworkSettings=settings(bindings))
    local, public, closed = lines(diagrams.ports("web", lang="en"))
    assert local == (
        "browser: localhost:8080 -> host: 127.0.0.1:8080, this machine only -> "
        "container web: 172.17.0.2, 3000/tcp -> process 42: sleep 600"
    )
    assert "host: 0.0.0.0:8083, the whole network -> container web" in public
    assert closed.startswith("99/tcp: noted by EXPOSE, not published;")
    assert "이 컴퓨터에서만 열림" in lines(diagrams.ports("web", lang="ko"))[0]


def test_a_container_without_ports(fake: Fake) -> None:
    fake.container("web", NetworkSettings=settings(None))
    assert lines(diagrams.ports("web", lang="en")) == [
        "web publishes no port: nothing leads into it from outside"
    ]


def test_a_container_without_an_address_uses_the_host_s_network(fake: Fake) -> None:
    bindings = {"80/tcp": [{"HostIp": "", "HostPort": "80"}]}
    fake.container("web", NetworkSettings=settings(bindings, address=""))
    assert "container web: the host's network, 80/tcp" in lines(diagrams.ports("web", lang="en"))[0]


def test_a_stopped_container_has_no_ports(fake: Fake) -> None:
    fake.container("web", State={"Status": "exited", "Running": False})
    with pytest.raises(UsageError, match="cannot draw web: it is not running"):
        diagrams.ports("web", lang="en")


def test_mounts_have_two_ends(fake: Fake) -> None:
    deep = "/home/" + "long/" * 20 + "end"
    mounted = [
        {"Type": "bind", "Source": deep, "Destination": "/src", "RW": True},
        {"Type": "volume", "Name": "pantry", "Source": "/v", "Destination": "/food", "RW": False},
    ]
    fake.container("web", Mounts=mounted, HostConfig={"Tmpfs": {"/scratch": ""}})
    picture = diagrams.mounts("web", lang="en")
    bind, volume, memory, rest = lines(picture)
    assert bind == (
        f"your folder (bind mount) {deep} -> /src (read, write); "
        "yours: Docker never removes it; hides what the image has here"
    )
    assert volume.startswith("volume pantry /v -> /food (read only); stays until docker volume rm")
    assert memory.startswith("memory (tmpfs) -> /scratch (read, write); gone when the container")
    assert rest == "everywhere else: its own layer: gone with docker rm"
    assert "long/end</text>" in picture._repr_html_()


def test_a_mounted_image_is_no_folder_of_the_user(fake: Fake) -> None:
    fake.container(
        "web", Mounts=[{"Type": "image", "Name": "tools:1", "Destination": "/opt", "RW": False}]
    )
    assert lines(diagrams.mounts("web", lang="en"))[0] == (
        "image tools:1 -> /opt (read only); stays until docker rmi; hides what the image has here"
    )


def test_a_container_without_mounts(fake: Fake) -> None:
    fake.container("web")
    assert lines(diagrams.mounts("web", lang="ko")) == [
        "모든 곳 (마운트 없음): 자신의 쓰기 레이어: docker rm으로 사라짐"
    ]


def network(fake: Fake, name: str, subnet: str) -> None:
    fake.objects[f"/networks/{name}"] = {"Name": name, "IPAM": {"Config": [{"Subnet": subnet}]}}


def test_networks_know_names(fake: Fake) -> None:
    network(fake, "plaza", "10.0.0.0/24")
    network(fake, "bridge", "172.17.0.0/16")
    end = {"IPAddress": "10.0.0.2", "DNSNames": ["till", "c" * 12], "Aliases": ["db", "<b>"]}
    ends = {"plaza": end, "bridge": {"IPAddress": "172.17.0.9"}}
    fake.container("till", NetworkSettings={"Networks": ends})
    fake.objects["/containers/json"] = [{"Id": "till"}]
    picture = diagrams.networks("plaza", "bridge", lang="en")
    assert lines(picture) == [
        "network plaza 10.0.0.0/24: the engine's DNS knows each container by its names",
        "  till: 10.0.0.2, found as: till, db, <b>",
        "network bridge 172.17.0.0/16: the default network: addresses only, no names",
        "  till: 172.17.0.9",
    ]
    assert "<b>" not in picture._repr_html_()


def test_an_empty_network(fake: Fake) -> None:
    network(fake, "plaza", "10.0.0.0/24")
    (line,) = lines(diagrams.networks("plaza", lang="ko"))
    assert line == "네트워크 plaza 10.0.0.0/24: 실행 중인 컨테이너가 없음"
    with pytest.raises(NotFound):
        diagrams.networks("gone", lang="en")
