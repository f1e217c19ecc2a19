"""Stacks on a real manager of a swarm; one line on the other engines."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import DockerMagicsError, UsageError

_FILE = """
services:
  web:
    image: busybox
    command: sh -c 'cat /run/secrets/hush /etc/setting; sleep 600'
    environment: {GREETING: "${GREETING:-hello}"}
    secrets: [hush]
    configs: [{source: setting, target: /etc/setting}]
    volumes: [data:/data]
    deploy: {replicas: 2}
  other:
    image: busybox
    command: sleep 600
    networks: [back]
networks: {back: {attachable: true}}
volumes: {data: }
secrets: {hush: {file: ./hush.txt}}
configs: {setting: {file: ./setting.txt}}
"""


def _until(condition: Callable[[], bool]) -> None:
    """Wait for what the swarm does in the background."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "hush.txt").write_text("hush\n")
    (tmp_path / "setting.txt").write_text("setting\n")
    path = tmp_path / "stack.yaml"
    path.write_text(_FILE)
    return path


@pytest.mark.usefixtures("manager")
def test_lifecycle_of_a_stack(file: Path) -> None:
    deploy = f"stack deploy --resolve-image never -c {file}"
    assert docker(f"{deploy} -d demo") == [
        "Creating network demo_back",
        "Creating network demo_default",
        "Creating secret demo_hush",
        "Creating config demo_setting",
        "Creating service demo_other",
        "Creating service demo_web",
    ]
    stacks = docker("stack ls")
    assert stacks["NAME"].tolist() == ["demo"]
    assert stacks["SERVICES"].tolist() == [2]
    _until(lambda: list(docker("stack services demo")["REPLICAS"]) == ["1/1", "2/2"])
    tasks = docker("stack ps demo")
    assert sorted(tasks["NAME"]) == ["demo_other.1", "demo_web.1", "demo_web.2"]
    assert len(docker("stack ps -q -f name=demo_web demo")) == 2
    _until(lambda: "hush\nsetting" in docker("service logs --raw demo_web"))
    _update(file, deploy)
    lines = docker("stack rm demo")
    assert lines == [
        "Removing service demo_web",
        "Removing secret demo_hush",
        "Removing config demo_setting",
        *(line for line in lines if line.startswith("Removing network")),
    ]
    _until(lambda: docker("network ls -q -f name=demo_") == [])
    assert docker("stack ls").empty
    assert docker("stack services demo") is None
    docker("volume prune -af")


def _update(file: Path, deploy: str) -> None:
    """Update the stack: another environment, one service fewer."""
    identity = docker("service inspect -f '{{.ID}}' demo_web")
    text = file.read_text()
    file.write_text(text.replace("hello", "bye").replace(", target: /etc/setting", ""))
    lines = docker(f"{deploy} -d demo")
    assert f"Updating service demo_web (id: {identity})" in lines
    assert not [line for line in lines if line.startswith("Creating")]
    env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}"
    assert docker(f"service inspect -f '{env}' demo_web") == "[GREETING=bye]"
    before, after = text.split("  other:")
    rest = after.partition("networks: {back")[2]
    file.write_text(f"{before}networks: {{back{rest}")
    assert "Removing service demo_other" in docker(f"{deploy} -d --prune demo")


@pytest.mark.usefixtures("manager")
def test_deploying_from_a_cell_until_it_converges(file: Path) -> None:
    text = "services: {one: {image: busybox, command: sleep 600}}"
    line = "stack deploy -q --resolve-image never --detach=false -c - small"
    assert docker(line, input=text) is None
    assert list(docker("stack services small")["REPLICAS"]) == ["1/1"]
    assert "image: busybox" in docker(f"stack config -c {file}")
    assert docker("stack rm --detach=false small")[0] == "Removing service small_one"
    _until(lambda: docker("network ls -q -f name=small_") == [])


@pytest.mark.usefixtures("engine")
def test_an_engine_that_manages_no_swarm(file: Path) -> None:
    with pytest.raises(UsageError, match=r"^this node is not a swarm manager"):
        docker(f"stack deploy -d -c {file} demo")
    for line in ("ls", "services demo", "ps demo", "rm demo"):
        with pytest.raises(DockerMagicsError, match=r"(?i)this node is not a swarm manager") as one:
            docker(f"stack {line}")
        assert len(str(one.value).splitlines()) == 1
