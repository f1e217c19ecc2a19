"""Clients that speak an API older than the engine's: down to 1.22, as Docker 20.10 serves it."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
from conftest import unavailable
from embedded.shared import connection

from tools import debian


def get(folder: Path, path: str) -> Any:
    with connection(folder) as api:
        api.request("GET", path)
        response = api.getresponse()
        data = json.loads(response.read())
        assert response.status == 200, data
        return data


def post(folder: Path, path: str, body: Any) -> Any:
    with connection(folder) as api:
        api.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = api.getresponse()
        data = response.read()
        assert response.status < 300, data
        return json.loads(data) if data else None


@pytest.mark.parametrize("minor", [24, 25, 29, 30, 35, 39, 41, 43])
def test_a_container_s_life(engine: Path, minor: int) -> None:
    """Through docker-py, which asks for one version, 1.24 or newer."""
    with closing(docker.DockerClient(f"unix://{engine}/d.sock", f"1.{minor}", timeout=20)) as api:
        assert api.version()["MinAPIVersion"] == "1.22"
        assert api.info()["OSType"] == "linux"
        assert "busybox:latest" in [tag for image in api.images.list() for tag in image.tags]
        assert api.containers.run("busybox", ["echo", "hello"], remove=True) == b"hello\n"
        container = api.containers.create("busybox", ["cat"], stdin_open=True)
        shareable = "shareable" if minor < 40 else "private"
        assert container.attrs["HostConfig"]["IpcMode"] == shareable
        container.start()
        assert container.exec_run(["echo", "inside"]).output == b"inside\n"
        assert container.stats(stream=False)["memory_stats"] is not None
        container.kill()
        assert container.wait()["StatusCode"] == 137
        container.remove()


def test_the_client_removes_containers_before_1_25(engine: Path) -> None:
    """Whatever it sends in AutoRemove."""
    body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"AutoRemove": True}}
    for minor, is_removed in ((24, False), (25, True)):
        created = post(engine, f"/v1.{minor}/containers/create", body)
        inspected = get(engine, f"/containers/{created['Id']}/json")
        assert inspected["HostConfig"]["AutoRemove"] is is_removed


def test_answers_of_their_time(engine: Path) -> None:
    """As Docker 20.10 gives them."""
    info = get(engine, "/v1.24/info")
    assert info["ExecutionDriver"] == "<not supported>"
    assert "ExecutionDriver" not in get(engine, "/v1.25/info")
    assert all("=" not in option for option in info["SecurityOptions"])
    assert get(engine, "/v1.40/images/json?filter=none") == []
    assert len(get(engine, "/v1.41/images/json?filter=none")) == 1
    assert get(engine, "/v1.41/system/df?type=unknown")["LayersSize"] > 0
    post(
        engine,
        "/v1.22/containers/create?name=member",
        {"Image": "busybox", "Cmd": ["cat"], "OpenStdin": True},
    )
    post(engine, "/v1.22/containers/member/start", {})
    for version, count in (("1.27", 1), ("1.28", 0)):
        (bridge,) = get(engine, f'/v{version}/networks?filters={{"name":["bridge"]}}')
        assert len(bridge["Containers"]) == count
    post(engine, "/v1.22/containers/member/kill", {})


def test_skopeo(engine: Path, tmp_path: Path) -> None:
    """It speaks API 1.22."""
    if missing := debian.missing("skopeo"):
        unavailable(f"skopeo is needed: {debian.install_command(missing)}")
    policy = tmp_path / "policy.json"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    host = f"unix://{engine}/d.sock"

    def skopeo(*command: str) -> str:
        line = ["skopeo", "--policy", str(policy), *command]
        return subprocess.run(
            line,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        ).stdout

    name = "docker-daemon:busybox:latest"
    inspected = json.loads(skopeo("inspect", "--daemon-host", host, name))
    assert inspected["Os"] == "linux"
    skopeo("copy", "--src-daemon-host", host, name, f"dir:{tmp_path}/image")
    copied = "docker-daemon:copied:1"
    skopeo("copy", "--dest-daemon-host", host, f"dir:{tmp_path}/image", copied)
    again = json.loads(skopeo("inspect", "--daemon-host", host, copied))
    assert again["Layers"] == inspected["Layers"]
    images = {
        tag: image["Id"] for image in get(engine, "/images/json") for tag in image["RepoTags"]
    }
    assert images["copied:1"] == images["busybox:latest"]
