"""Benchmark redis and postgres under systrap against namespaces, with clients beside them."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterator
from typing import Any

import docker

from tools import images
from tools.bench.measurement import Measurement, interleave, ratio

ROUNDS = 5
#: How much longer than with namespaces the same requests may take: 0.9 of the throughput.
MOST = 1 / 0.9
_IMAGE = "databases"
_ROOT = images.debian_root("redis-server", "postgresql")
_POSTGRES = "PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; export PGDATA=/tmp/data PGHOST=/tmp;"
#: Starts a server, by user.
SERVERS = {
    "root": "redis-server --daemonize yes --save ''",
    "postgres": f"{_POSTGRES} initdb --auth trust; pg_ctl start -o '-k /tmp' -l /tmp/log"
    " >/dev/null; pgbench -i -s 10 postgres",
}
#: Work by name: the user, and a script of the shell.
WORKS = {
    "redis, 50,000 SET and GET": ("root", "redis-benchmark -q -t set,get -n 50000"),
    "redis, 500,000 in pipelines": ("root", "redis-benchmark -q -t set,get -n 500000 -P 50"),
    "pgbench, 40,000 selects": ("postgres", f"{_POSTGRES} pgbench -c 4 -t 10000 -S postgres"),
    "pgbench, 4,000 transactions": ("postgres", f"{_POSTGRES} pgbench -c 4 -t 1000 postgres"),
}

Client = Any  # docker-py has no types


def run(clients: list[Client]) -> Iterator[Measurement]:
    """Yield times of the first engine's containers, relative to the second's."""
    containers = [_databases(client) for client in clients]
    for name, work in WORKS.items():
        here, there = interleave(ROUNDS, *(functools.partial(_exec, c, *work) for c in containers))
        yield ratio(f"systrap, {name}", here, MOST, namespaces=there)
    for container in containers:
        container.remove(force=True)


def _databases(client: Client) -> Any:
    """Return a container in which both servers run."""
    with images.built(_IMAGE, _ROOT).open("rb") as archive:
        client.api.import_image_from_file(archive.name, repository=_IMAGE, tag="latest")
    container = client.containers.run(_IMAGE, "sleep 1d", detach=True)
    for user, script in SERVERS.items():
        _exec(container, user, script)
    return container


def _exec(container: Any, user: str, script: str) -> None:
    code, output = container.exec_run(["sh", "-ec", script], user=user)
    if code:
        raise docker.errors.DockerException(f"cannot run {shlex.quote(script)}: {output.decode()}")
