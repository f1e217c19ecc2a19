"""A new Debian with nothing but Python: the wheel is installed, and a container runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from conftest import unavailable

from tools import images, release
from tools.pod import Pod

_IMAGE = "python-of-debian"
_CODE = """
get_ipython().run_line_magic("load_ext", "docker_magics")
get_ipython().run_line_magic("docker", "import /images/busybox.tar busybox")
get_ipython().run_line_magic("docker", "run --rm busybox echo a container runs")
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and those of its requirements, as an index would send them."""
    folder = tmp_path_factory.mktemp("packages")
    _, wheel = release.build(folder / "built")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    pip += ["--python-version", "3.11", "--dest", str(folder), f"{wheel}[all]"]
    try:
        subprocess.run(pip, check=True)
    except subprocess.CalledProcessError as error:
        unavailable(f"a package index is needed: {error}")
    return folder


@pytest.fixture
def machine(dockerd: str, packages: Path) -> Iterator[Pod]:
    """A container with Docker's default privileges."""
    system = images.built(_IMAGE, images.debian_root("python3", "python3-venv"))
    with closing(docker.APIClient(dockerd, timeout=300)) as api:
        api.import_image(str(system), repository=_IMAGE)
        busybox = images.built("busybox")
        binds = [f"{packages}:/packages:ro", f"{busybox}:/images/busybox.tar:ro"]
        made = api.create_container(
            _IMAGE, ["sleep", "infinity"], host_config=api.create_host_config(binds=binds)
        )
        try:
            api.start(made["Id"])
            yield Pod(dockerd, made["Id"])
        finally:
            api.remove_container(made["Id"], force=True)


def test_a_container_runs_within_a_minute(machine: Pod, packages: Path) -> None:
    """The time of the downloads is not included."""
    [wheel] = packages.glob("built/*.whl")
    install = f"/v/bin/pip install -q --no-index -f /packages '/packages/built/{wheel.name}[all]'"
    line = f"python3 -m venv /v && {install} && /v/bin/ipython -c '{_CODE}'"
    done = machine.run("sh", "-c", line, seconds=60)
    assert "Started the embedded engine (systrap" in done.stdout
    assert "a container runs" in done.stdout
