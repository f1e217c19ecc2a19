"""Swarm commands on a real manager."""

from __future__ import annotations

import pytest

from docker_magics import docker
from docker_magics.errors import ApiError, EngineError


@pytest.mark.usefixtures("manager")
def test_lifecycle_of_a_service() -> None:
    docker("secret create s -", input="hush")
    docker("config create c -", input="setting")
    flags = "-q --no-resolve-image --secret s --config c -e A=1 --update-monitor 1s"
    docker(f"service create {flags} --name web busybox sh -c 'cat /run/secrets/s; sleep 60'")
    docker("service update -q --no-resolve-image --env-add B=2 web")
    assert list(docker("service ls")["REPLICAS"]) == ["1/1"]
    assert docker("service logs --no-task-ids web").startswith("web.1@")
    assert "hush" in docker("service logs --raw web")
    tasks = docker("service ps web")
    assert list(tasks["NAME"]) == ["web.1", " \\_ web.1"]
    assert tasks["IMAGE"].unique() == ["busybox:latest"]
    docker("service rollback -d web")
    env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}"
    assert docker(f"service inspect -f '{env}' web") == "[A=1]"
    assert docker("service scale -d web=2") == ["web scaled to 2"]
    assert " Replicas:\t2" in docker("service inspect --pretty web")
    assert docker("service rm web") == ["web"]
    with pytest.raises(EngineError, match="no such service: web"):
        docker("service ps web")


@pytest.mark.usefixtures("manager")
def test_nodes_secrets_and_tokens() -> None:
    nodes = docker("node ls")
    assert list(nodes["MANAGER STATUS"]) == ["Leader"]
    assert nodes["ID"][0] + " *" in repr(nodes)
    node = nodes["ID"][0]
    docker("node update --label-add zone=a {node}", node=node)
    assert " - zone=a" in docker("node inspect --pretty self")
    assert docker("node promote {node}", node=node) == [f"Node {node} is already a manager."]
    assert docker("secret ls").empty
    identity = docker("config create -l a=b c -", input="setting")
    assert docker("config inspect c")[0]["ID"] == identity
    assert docker("config inspect --pretty c").endswith("Data:\nsetting")
    assert docker("config rm c") == ["c"]
    assert docker("swarm join-token -q worker").startswith("SWMTKN-")
    with pytest.raises(ApiError, match="--force"):
        docker("swarm leave")


def test_an_engine_outside_a_swarm(dockerd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    with pytest.raises(ApiError, match="not a swarm manager"):
        docker("node ls")
    assert docker("plugin ls").empty
