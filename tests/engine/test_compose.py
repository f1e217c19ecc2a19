"""The official Compose on real engines: from up to down."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine.differences import differs

from docker_magics import docker
from docker_magics.cli.terminal import Terminal
from docker_magics.compose.failure import ComposeFailed
from docker_magics.errors import UsageError
from docker_magics.session import shared

_FILE = """
services:
  web:
    build: .
    depends_on:
      db: {condition: CONDITION}
    stop_grace_period: 0s
  db:
    image: busybox
    command: [sh, -c, "echo starting; touch /ready; sleep 1000"]
    healthcheck: {test: ["CMD", "test", "-f", "/ready"], interval: 1s, retries: 30}
    stop_grace_period: 0s
    volumes: ["data:/data"]
volumes:
  data:
"""


@pytest.fixture
def project(engine: str, tmp_path: Path) -> Iterator[str]:
    """The beginning of a line about a project of two services; it is removed at the end."""
    has_health = not differs(engine, "health without systemd")
    condition = "service_healthy" if has_health else "service_started"
    (tmp_path / "compose.yaml").write_text(_FILE.replace("CONDITION", condition))
    dockerfile = "FROM busybox\nRUN echo built > /f\nCMD sleep 1000\n"
    (tmp_path / "Dockerfile").write_text(dockerfile)
    line = f"compose -f {tmp_path}/compose.yaml -p of-tests"
    yield line
    docker(f"{line} down -v --rmi local -t 0")


def _cell(line: str, body: str) -> Any:
    """Run a %%compose cell."""
    terminal = Terminal(io.BytesIO(body.encode()), has_input=True)
    return shared().run(f"compose -f - -p of-tests {line}", terminal=terminal)


def test_a_project_from_up_to_down(project: str) -> None:
    shown = docker(f"{project} up -d")
    assert "✔ Container of-tests-web-1  Started" in shown
    table = docker(f"{project} ps")
    assert sorted(table["SERVICE"]) == ["db", "web"]
    assert str(table["CREATED"].dtype) == "datetime64[ns, UTC]"
    assert sorted(docker(f"{project} images")["CONTAINER"]) == ["of-tests-db-1", "of-tests-web-1"]
    assert docker(f"{project} volumes")["VOLUME NAME"].tolist() == ["of-tests_data"]
    assert len(docker(f"{project} ps -q")) == 2
    assert set(docker(f"{project} top")["SERVICE"]) == {"db", "web"}
    assert "starting" in docker(f"{project} logs --no-color db")
    assert "of-tests" in docker("compose ls")["NAME"].tolist()
    docker(f"{project} down -v -t 0")
    assert len(docker(f"{project} ps -a")) == 0


def test_commands_in_a_service(project: str, engine: str) -> None:
    docker(f"{project} up -d db")
    output = docker(f"{project} exec -T db sh -c 'cat /ready; exit 4'")
    assert output.exit_code == 4
    terminal = Terminal(io.BytesIO(b"tty; exit 5\n"), has_input=True)
    shown = shared().run(f"{project} exec -it db sh", terminal=terminal)
    assert "/dev/pts/" in shown
    assert shown.exit_code == 5
    terminal = Terminal(io.BytesIO(b"tty; exit 6\n"), has_input=True)
    shown = shared().run(f"{project} run --rm -it db sh", terminal=terminal)
    assert "/dev/pts/" in shown
    if not differs(engine, "the exit code of compose run --rm"):
        assert shown.exit_code == 6
    with pytest.raises(UsageError, match="service 'web' has no running container"):
        docker(f"{project} exec -it web sh")


def test_errors_name_the_line_of_the_cell(project: str) -> None:
    with pytest.raises(ComposeFailed) as caught:
        _cell("up -d", "services:\n  a:\n    image: busybox\n    ports: 5\n")
    assert caught.value.message.startswith("line 5 of the cell: services.a.ports must be a")
    with pytest.raises(ComposeFailed, match="unknown docker command"):
        docker(f"{project} nonsense")


#: A container as `docker run` makes it, of which Compose has to make an equal one.
_RUN = """
run -d --name copied --hostname box --read-only -e A='$HOME x' --label tier=web -w /tmp --user 1
    --network of-copied --network-alias cache -p 127.0.0.1::80 -v of-copied:/data --tmpfs /scratch
    --restart on-failure:3 --stop-timeout 0 --cap-drop NET_RAW
    --health-cmd true --health-interval 1m --entrypoint sleep busybox 1000
"""
_COMPARED = {
    "Config": (
        "Cmd",
        "Entrypoint",
        "Hostname",
        "Labels",
        "WorkingDir",
        "User",
        "StopTimeout",
        "Healthcheck",
    ),
    "HostConfig": (
        "CapDrop",
        "PortBindings",
        "ReadonlyRootfs",
        "RestartPolicy",
        "Tmpfs",
    ),
}


@pytest.fixture
def copied() -> Iterator[None]:
    """A container with many options, its network and volume."""
    docker("network create of-copied")
    docker("volume create of-copied")
    docker(" ".join(_RUN.split()))
    yield
    docker("rm -f copied")
    docker("network rm of-copied")
    docker("volume rm of-copied")


@pytest.mark.usefixtures("engine", "copied")
def test_a_container_becomes_a_service() -> None:
    (before,) = docker("inspect copied")
    file = docker("container inspect --compose copied")
    docker("rm -f copied")
    _cell("up -d", file)
    (after,) = docker("inspect copied")
    assert _compared(after) == _compared(before)
    assert "A=$HOME x" in after["Config"]["Env"]
    assert "cache" in after["NetworkSettings"]["Networks"]["of-copied"]["Aliases"]
    assert [mount["Name"] for mount in after["Mounts"] if mount["Type"] == "volume"] == [
        "of-copied"
    ]


def _compared(container: dict[str, Any]) -> dict[str, Any]:
    """Return what `_RUN` asked for, without what Compose adds."""
    result = {key: container[part][key] for part, keys in _COMPARED.items() for key in keys}
    given = {key: value for key, value in result["Healthcheck"].items() if value}
    return result | {"Healthcheck": given, "Labels": result["Labels"].get("tier")}


def test_a_session_labels_what_a_file_makes(project: str) -> None:
    shared().labels.update({"docker_magics.session": "of-tests"})
    try:
        docker(f"{project} up -d db")
    finally:
        shared().labels.clear()
    assert docker("ps -q --filter label=docker_magics.session=of-tests")
    assert docker("network ls -q --filter label=docker_magics.session=of-tests")
    assert docker("volume ls -q --filter label=docker_magics.session=of-tests") == ["of-tests_data"]
