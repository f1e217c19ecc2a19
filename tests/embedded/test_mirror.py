"""Mirrors of Docker Hub, configured in daemon.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docker_magics import docker
from tools import engines, images

_MIRRORS = "{{json .RegistryConfig.Mirrors}}"


def test_pulls_use_the_mirror_before_docker_hub(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engines.embedded(root=tmp_path) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        images.provide(address, "busybox")
        docker("tag busybox {name}", name=f"{registry}/library/mirrored:1")
        docker("push -q {name}", name=f"{registry}/library/mirrored:1")
        (tmp_path / "root/daemon.json").write_text(
            json.dumps({"registry-mirrors": [f"http://{registry}"]})
        )
        docker("pull -q mirrored:1")
        assert docker("run --rm mirrored:1 echo from the mirror") == "from the mirror"
        assert f"http://{registry}/" in docker("info --format {template}", template=_MIRRORS)


def test_the_mirrors_docker_config_s_daemon_json_are_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".config/docker").mkdir(parents=True)
    docker_config = tmp_path / ".config/docker/daemon.json"
    docker_config.write_text(json.dumps({"registry-mirrors": ["http://mirror.example"]}))
    with engines.embedded(root=tmp_path) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        mirrors = docker("info --format {template}", template=_MIRRORS)
        assert str(mirrors).strip() == '["http://mirror.example/"]'
        docker_config.write_text("{")
        assert str(docker("info --format {template}", template=_MIRRORS)).strip() == "[]"
