"""The life of a server on an embedded engine: it is built, asked, stopped and started again.

`python -m embedded.service_life NAME ...` does so on the engine of whoever runs it, as in a pod.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import docker
from docker.models.containers import Container
from embedded.faults import wait_until
from embedded.services import SERVICES, Service, answer_of, image

from docker_magics.engine.discover import find

#: Seconds until a server answers, and until it has ended.
START_S, STOP_S = 120, 20
NETWORK = "back"


def check(api: docker.DockerClient, name: str) -> None:
    """Check that a server answers from outside and on its network, stops, and keeps its data.

    Args:
        api: a client of an engine that has the network `NETWORK`, and busybox.
        name: of `SERVICES`.
    """
    service = SERVICES[name]
    with ExitStack() as stack:
        if service.database:
            stack.enter_context(image(api, service.database))
            stack.enter_context(started(api, service.database, "db"))
        stack.enter_context(image(api, name))
        with started(api, name, "server") as server:
            first, *rest = shlex.split(service.ask)
            client = service.asks_from or name
            printed = api.containers.run(
                client, rest, entrypoint=first, network=NETWORK, remove=True
            )
            assert service.reply.encode() in printed
            write = server.exec_run(service.write)
            assert write.exit_code == 0, write.output
            stop(server)
        with started(api, name, "server") as server:
            wait_until(
                lambda: server.exec_run(service.read).output.strip().endswith(b"42"), START_S
            )
            stop(server)


@contextmanager
def started(api: docker.DockerClient, name: str, hostname: str) -> Iterator[Container]:
    """Start a server with its volume; yield it when its published port answers."""
    service = SERVICES[name]
    server = api.containers.run(
        name,
        name=hostname,
        network=NETWORK,
        ports={f"{service.port}/tcp": ("127.0.0.1", None)},
        volumes=[f"{name}-data:{service.data}"],
        detach=True,
    )
    try:
        wait_for_answer(server, service)
        yield server
    finally:
        server.remove(force=True)


def wait_for_answer(server: Container, service: Service) -> None:
    """Wait until a server's published port answers; fail with its log if it ends before."""
    deadline = time.monotonic() + START_S
    while not is_answered(server, service):
        log = server.logs(tail=30).decode(errors="replace")
        assert server.status == "running", log
        assert time.monotonic() < deadline, log
        time.sleep(0.2)


def is_answered(server: Container, service: Service) -> bool:
    """Whether the published port of a server answers as it should."""
    server.reload()
    bindings = server.ports.get(f"{service.port}/tcp") or []
    return any(
        service.answers in answer_of(int(binding["HostPort"]), service.greeting)
        for binding in bindings
    )


def stop(server: Container) -> None:
    """Stop a server, which ends by itself in time."""
    begin = time.monotonic()
    server.stop(timeout=STOP_S)
    assert time.monotonic() - begin < STOP_S
    server.reload()
    assert server.attrs["State"]["ExitCode"] in {0, 143}, server.logs(tail=30)


def main() -> None:
    """Check the servers that are named on the command line, with a new network."""
    with closing(docker.DockerClient(find().host, timeout=120)) as api:
        network = api.networks.create(NETWORK)
        try:
            for name in sys.argv[1:]:
                check(api, name)
        finally:
            network.remove()


if __name__ == "__main__":
    main()
