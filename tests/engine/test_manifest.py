"""docker manifest and buildx imagetools with a real registry; each engine pulls what they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics import docker


@pytest.fixture(scope="module")
def address(with_registry: str) -> str:
    """The address of each engine."""
    return with_registry


@pytest.fixture
def image(
    registry: str,
    engine: str,  # noqa: ARG001 - selects the engine
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The name of busybox in the registry."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    name = f"{registry}/of-lists/busybox:1"
    docker("tag busybox {name}", name=name)
    docker("push -q {name}", name=name)
    docker("rmi {name}", name=name)
    return name


def _is_pulled(name: str) -> bool:
    """Whether the engine pulls an image, which is then removed."""
    docker("pull -q {name}", name=name)
    return bool(docker("rmi {name}", name=name))


def test_manifest(image: str) -> None:
    target = f"{image}-list"
    docker(f"manifest create {target} {image}")
    docker(f"manifest annotate --os-version 1 {target} {image}")
    (digest,) = docker(f"manifest push --purge {target}")
    assert digest.startswith("sha256:")
    assert '"os.version": "1"' in docker(f"manifest inspect {target}")
    assert _is_pulled(target)


def test_imagetools(registry: str, image: str) -> None:
    copy = f"{registry}/of-lists/copy:2"
    docker(f"buildx imagetools create -t {copy} {image}")
    lines = docker(f"buildx imagetools inspect {copy}").splitlines()
    assert lines[0].split() == ["Name:", copy]
    assert "Platform:" in lines[-1]
    assert _is_pulled(copy)
