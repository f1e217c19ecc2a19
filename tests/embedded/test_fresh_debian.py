"""A new Debian with nothing but Python: the wheel is installed, and a container runs."""

from __future__ import annotations

import re
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
_FOLDER = "/srv/내 폴더"


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


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def first_run(machine: Pod, packages: Path) -> str:
    """The output of the first three lines, and then of `times`."""
    [wheel] = packages.glob("built/*.whl")
    install = f"/v/bin/pip install -q --no-index -f /packages '/packages/built/{wheel.name}[all]'"
    line = f"python3 -m venv /v && {install} && /v/bin/ipython -c '{_CODE}' && times"
    return machine.run("sh", "-c", line, seconds=600).stdout


def test_a_container_runs_within_a_minute(first_run: str) -> None:
    """Of CPU time, as other tests run at the same time; the downloads are not included."""
    user_and_system = re.findall(r"(\d+)m([\d.]+)s", first_run)[-2:]
    assert sum(60 * int(minutes) + float(seconds) for minutes, seconds in user_and_system) < 60
    assert "Started the embedded engine (systrap" in first_run
    assert "a container runs" in first_run


@pytest.mark.usefixtures("first_run")
def test_an_ordinary_user_without_utf_8_in_a_folder_with_a_space(machine: Pod) -> None:
    machine.run("sh", "-c", f"mkdir '{_FOLDER}' && chown 1000 '{_FOLDER}'")
    done = _as_user(machine, f"HOME='{_FOLDER}' LC_ALL=POSIX PYTHONUTF8=0 PYTHONCOERCECLOCALE=0")
    assert "Started the embedded engine (systrap" in done.stdout
    assert "a container runs" in done.stdout


@pytest.mark.usefixtures("first_run")
def test_a_home_of_another_user_is_one_clear_line(machine: Pod) -> None:
    done = _as_user(machine, "HOME=/usr", check=False)
    root = "/usr/.local/share/docker_magics/embedded"
    line = f"cannot start the embedded engine in {root}: Permission denied"
    assert f"{line}\nSet DOCKER_MAGICS_ROOT" in done.stdout


def _as_user(
    machine: Pod, variables: str, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the lines as an ordinary user with these variables."""
    line = f"{variables} setpriv --reuid=1000 --clear-groups /v/bin/ipython -c '{_CODE}'"
    return machine.run("sh", "-c", line, check=check)
