"""A Compose file with a web server, redis and postgres, which wait until others are healthy."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import docker as docker_py
import pytest
from embedded.faults import wait_until
from embedded.kinds import engine_of
from embedded.services import answer_of, image

from docker_magics import docker

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all", reason="takes long: make test-nightly"
    ),
]
#: Seconds until all services are healthy.
UP_S = 200
#: The page of `web` is what the two others answer.
FILE = """
services:
  cache:
    image: redis
    volumes: [cache:/data]
    networks: {{default: {{ipv4_address: 10.96.0.5}}}}
    healthcheck: {{test: redis-cli ping | grep PONG, interval: 1s, retries: 60}}
  db:
    image: postgres
    volumes: [db:/var/lib/postgresql/data]
    healthcheck: {{test: pg_isready -U postgres, interval: 1s, retries: 60}}
  web:
    image: postgres
    entrypoint: [sh, -c]
    command:
      - |
        mkdir -p /www
        psql -h db -U postgres -Atc "select 'database ' || 6 * 7" >/www/index.html
        bash -c 'exec 3<>/dev/tcp/10.96.0.5/6379; echo PING >&3; head -1 <&3' >>/www/index.html
        exec perl -MIO::Socket::INET -e "$$SERVER"
    environment:
      SERVER: |
        my $$server = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1);
        while (my $$client = $$server->accept) {{
            open my $$page, "<", "/www/index.html";
            print $$client "HTTP/1.0 200 OK\\r\\n\\r\\n", <$$page>;
        }}
    ports: ["127.0.0.1:{port}:80"]
    depends_on:
      cache: {{condition: service_healthy}}
      db: {{condition: service_healthy}}
networks:
  default: {{ipam: {{config: [{{subnet: 10.96.0.0/24}}]}}}}
volumes:
  cache: {{name: redis-data}}
  db: {{name: postgres-data}}
"""


@pytest.fixture(params=["one-id", "systrap"])
def _images(request: pytest.FixtureRequest) -> Iterator[None]:
    """The images of the services, in an engine of a driver that docker(...) uses."""
    with ExitStack() as stack:
        address = stack.enter_context(engine_of(request.param))
        api = stack.enter_context(closing(docker_py.DockerClient(address, timeout=120)))
        for name in ("redis", "postgres"):
            stack.enter_context(image(api, name))
        yield


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.usefixtures("_images")
def test_services_wait_for_each_other_and_keep_their_data(tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "compose.yaml"
    file.write_text(FILE.format(port=port))
    compose = f"compose -f {file} -p shop"
    for _ in range(2):  # with new data, and with existing data
        docker(f"{compose} up -d")
        try:
            wait_until(lambda: b"+PONG" in answer_of(port, b"GET / HTTP/1.0\r\n\r\n"), UP_S)
            assert b"\r\n\r\ndatabase 42\n+PONG" in answer_of(port, b"GET / HTTP/1.0\r\n\r\n")
            docker(f"{compose} exec cache redis-cli incr count")
            count = str(docker(f"{compose} exec cache redis-cli get count")).strip()
        finally:
            docker(f"{compose} down")
    assert count == "2"
