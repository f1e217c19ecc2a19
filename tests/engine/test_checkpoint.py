"""docker checkpoint: a dockerd with experimental features, and engines without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import unavailable

from docker_magics import docker
from docker_magics.errors import ApiError, UsageError
from tools import debian, engines, images


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running container on an experimental dockerd."""
    if missing := debian.missing("docker"):
        unavailable(f"docker is needed: {debian.install_command(missing)}")
    with engines.dockerd("--experimental") as address:
        images.provide(address, "busybox")
        monkeypatch.setenv("DOCKER_HOST", address)
        docker("run -d --name to-save --network none busybox sleep 600")
        yield "to-save"


def test_checkpoints(container: str) -> None:
    """Creating one needs CRIU, which few kernels and sandboxes allow."""
    try:
        assert docker(f"checkpoint create --leave-running {container} one") == "one"
    except ApiError as error:
        assert "criu" in str(error).lower()  # noqa: PT017 - it may succeed as well
        assert docker(f"checkpoint ls {container}").empty
    else:
        assert docker(f"checkpoint ls {container}")["CHECKPOINT NAME"].tolist() == ["one"]
        assert docker(f"checkpoint rm {container} one") is None
    with pytest.raises(ApiError, match="checkpoint none does not exist"):
        docker(f"checkpoint rm {container} none")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("line", ["create web one", "ls web", "rm web one"])
def test_an_engine_without_experimental_features(line: str) -> None:
    with pytest.raises(UsageError, match="experimental features enabled"):
        docker(f"checkpoint {line}")
