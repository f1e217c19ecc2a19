"""Engines on other machines, over TLS and over ssh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import unavailable

from docker_magics import docker
from docker_magics.errors import EngineUnreachable
from tools import debian, images, remote_engines


@pytest.fixture(scope="module", params=["tls", "ssh"])
def remote(request: pytest.FixtureRequest, start: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """The environment variables that select a remote dockerd."""
    if packages := debian.missing(request.param):
        unavailable(f"{request.param} is needed: {debian.install_command(packages)}")
    address = start("docker")
    if request.param == "ssh":
        with remote_engines.by_ssh(address) as environment:
            yield environment
        return
    with remote_engines.dockerd_by_tls() as (address, environment):
        images.provide(address, "busybox")
        yield environment


@pytest.fixture(autouse=True)
def environment(remote: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables, set for each test."""
    for name, value in remote.items():
        monkeypatch.setenv(name, value)
    # requests would otherwise use these certificates instead of DOCKER_CERT_PATH
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    return remote


@pytest.fixture
def box() -> Iterator[str]:
    """A running container."""
    yield str(docker("run -d busybox sleep 1000"))
    docker("rm -f $(docker ps -aq)")


def test_ps_and_exec(box: str) -> None:
    assert list(docker("ps")["CONTAINER ID"]) == [box[:12]]
    assert docker(f"exec {box} sh -c 'echo out; echo err >&2'") == "out"


def test_stdin_eof_keeps_the_output_open(box: str) -> None:
    """The output is larger than any buffer."""
    text = "한글 line\n" * 200_000
    assert docker(f"exec -i {box} cat", input=text).bytes.decode() == text
    command = "sh -c 'seq 300000 & cat; wait'"
    output = docker(f"run --rm -i busybox {command}", input="mine\n") + "\n"  # shown without it
    assert "mine\n" in output
    assert output.replace("mine\n", "").split() == [str(number) for number in range(1, 300_001)]


def test_a_console_of_a_remote_engine(box: str) -> None:
    output = docker(f"exec -it {box} sh", input="echo $((40+2))\nexit 3\n")
    assert "42" in output
    assert output.exit_code == 3


def test_a_build_sends_its_context(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\nCOPY file /\n")
    (tmp_path / "file").write_text("mine")
    docker(f"build -t elsewhere {tmp_path}")
    assert docker("run --rm elsewhere cat /file") == "mine"


def test_an_unreachable_engine_is_a_one_line_error(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if "DOCKER_CERT_PATH" in environment:
        monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
        reason = "No such file or directory: .*ca.pem"
    else:
        monkeypatch.setenv("DOCKER_HOST", "ssh://127.0.0.1:1")
        reason = "ssh: connect to host 127.0.0.1 port 1: Connection refused"
    with pytest.raises(EngineUnreachable, match=reason) as caught:
        docker("ps")
    assert len(str(caught.value).splitlines()) == 1
