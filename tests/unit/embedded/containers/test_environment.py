"""The variables of a container's processes."""

from __future__ import annotations

from typing import Any

from docker_magics.embedded.containers.environment import PATH, Link, environment


def config(*env: str) -> Any:
    return {"Hostname": "box", "Env": list(env)}


def test_defaults() -> None:
    assert environment(config(), (), tty=False) == [PATH, "HOSTNAME=box"]
    assert environment(config(), (), tty=True) == [PATH, "HOSTNAME=box", "TERM=xterm"]


def test_later_variables_replace_earlier_ones() -> None:
    env = environment(config("PATH=/mine", "A=1", "B="), (), tty=True, extra=["A=2", "TERM=vt"])
    assert env == ["PATH=/mine", "HOSTNAME=box", "TERM=vt", "A=2", "B="]


def test_a_name_alone_keeps_what_its_own_group_sets() -> None:
    """`--env-file FILE -e B`, where FILE sets B and the client has no B."""
    assert environment(config("B=file", "B"), (), tty=False)[2:] == ["B=file"]
    assert environment(config("B=1"), (), tty=False, extra=["B=file", "B"])[2:] == []


def test_a_name_alone_unsets_a_variable() -> None:
    env = environment(config("A=1", "TERM", "NEVER"), (), tty=True, extra=["A"])
    assert env == [PATH, "HOSTNAME=box"]


def test_links() -> None:
    link = Link(
        name="/web/my-db",
        alias="my-db",
        address="172.17.0.2",
        ports=("9000/udp", "6379/tcp"),
        env=("PASSWORD=x=y", "PATH=/bin", "HOME=/"),
    )
    assert environment(config("MY_DB_PORT=mine"), [link], tty=False)[2:] == [
        "MY_DB_PORT=mine",
        "MY_DB_PORT_6379_TCP=tcp://172.17.0.2:6379",
        "MY_DB_PORT_6379_TCP_ADDR=172.17.0.2",
        "MY_DB_PORT_6379_TCP_PORT=6379",
        "MY_DB_PORT_6379_TCP_PROTO=tcp",
        "MY_DB_PORT_9000_UDP=udp://172.17.0.2:9000",
        "MY_DB_PORT_9000_UDP_ADDR=172.17.0.2",
        "MY_DB_PORT_9000_UDP_PORT=9000",
        "MY_DB_PORT_9000_UDP_PROTO=udp",
        "MY_DB_NAME=/web/my-db",
        "MY_DB_ENV_PASSWORD=x=y",
    ]


def test_a_link_without_ports() -> None:
    link = Link("/web/db", "db", "172.17.0.2", (), ())
    assert environment(config(), [link], tty=False)[2:] == ["DB_NAME=/web/db"]
