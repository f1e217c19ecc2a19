"""The embedded engine of unprivileged users, with and without subordinate IDs."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import pytest
from embedded.kinds import python_of, warnings

from docker_magics import docker
from tools import engines, images

#: Users that exist on every Debian -> whether to give them a range of subordinate IDs.
USERS = {"www-data": True, "games": False}


@pytest.fixture(scope="module", params=USERS)
def user(request: pytest.FixtureRequest) -> Iterator[str]:
    """An unprivileged user, whose engine the tests use."""
    with (
        python_of(request.param, has_ids=USERS[request.param]) as python,
        engines.embedded(*python) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DOCKER_HOST", address)
        images.provide(address, "busybox", "debian", "redis")
        yield request.param


def test_su_changes_the_user_if_ids_are_available(user: str) -> None:
    script = "useradd -m bob && chown bob /srv && su bob -c id && stat -c %U /srv"
    output = docker("run --rm debian sh -c {script}", script=script)
    assert output.startswith("uid=1000(bob)" if USERS[user] else "uid=0(root)")
    assert output.endswith("bob" if USERS[user] else "root")
    info = str(docker("info"))
    assert ("Identity: subuid" in info) == USERS[user]
    assert ("WARNING: One user" in warnings()) != USERS[user]


def test_the_hosts_network_can_be_used(user: str) -> None:
    assert user
    hosts_network = os.readlink("/proc/self/ns/net")  # noqa: PTH115 - not a path
    line = "run --rm --network host busybox readlink /proc/self/ns/net"
    assert docker(line) == hosts_network


def test_a_domain_name_can_be_set(user: str) -> None:
    assert user
    command = "run --rm --hostname web --domainname example.org busybox"
    assert docker(f"{command} cat /proc/sys/kernel/domainname") == "example.org"
    assert docker(f"{command} hostname -f") == "web.example.org"


def test_run_and_exec_with_a_user(user: str) -> None:
    """Programs that refuse to run as root work even with a single ID."""
    assert user
    script = "id -u; id -g; touch /tmp/mine; stat -c %u /tmp/mine; ! chroot / true 2>/dev/null"
    assert docker("run --rm -u 1000:50 busybox sh -c {script}", script=script) == "1000\n50\n1000"
    docker("run -d --name asked -u 1000 busybox sleep 1000")
    try:
        assert docker("exec asked id -u") == "1000"
        assert docker("exec -u 0 asked id -u") == "0"
    finally:
        docker("rm -f asked")


def test_an_image_that_has_a_layer_twice_runs(user: str) -> None:
    assert user
    steps = "FROM busybox\n" + "RUN chmod 755 /bin\n" * 3 + "RUN echo built > /built\n"
    docker("build -q -t twice -", input=steps.encode())
    assert docker("run --rm twice cat /built") == "built"


def test_an_entrypoint_can_drop_privileges(user: str) -> None:
    """The entrypoints of redis and postgres check for root and execute themselves again."""
    entry = """#!/bin/sh
[ "$(id -u)" != 0 ] || exec setpriv --reuid=app --regid=app --clear-groups "$0" "$@"
exec "$@"
"""
    lines = [
        "FROM debian",
        "RUN useradd -u 1234 app",
        f"RUN echo {base64.b64encode(entry.encode()).decode()} | base64 -d >/entry",
        "RUN chmod +x /entry",
        'ENTRYPOINT ["/entry"]',
        'CMD ["id", "-un"]',
    ]
    docker("build -q -t dropping -", input="\n".join(lines))
    assert docker("run --rm dropping") == "app"
    assert docker("run --rm dropping id -u") == "1234"
    if not USERS[user]:
        assert docker("run --rm --entrypoint id dropping -u") == "0"


def test_packages_can_be_installed(user: str) -> None:
    """Maintainer scripts add users and change owners, and apt changes its user."""
    assert user
    lines = [
        "FROM debian",
        "RUN adduser --system --group --no-create-home daemon-of-ours",
        "RUN install -d -o daemon-of-ours -g daemon-of-ours -m 2750 /var/lib/ours",
    ]
    docker("build -q -t ours -", input="\n".join(lines))
    configured = docker("run --rm ours apt-config dump APT::Sandbox::User")
    assert ("root" in configured) != USERS[user]


def test_redis_is_reachable_by_name_and_by_port(user: str) -> None:
    assert user
    docker("network create back")
    docker("run -d --name db --network back -p 127.0.0.1:0:6379 redis")
    try:
        output = docker("run --rm --network back redis redis-cli -h db --raw incr visits")
        assert output == "1"
        assert docker("exec -u redis db redis-cli --raw incr visits") == "2"
        (port,) = docker("port db")["HOST PORT"]
        assert port
    finally:
        docker("rm -f db")
        docker("network rm back")
