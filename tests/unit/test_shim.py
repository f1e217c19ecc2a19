"""The `docker` script of machines without a docker command."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from docker_magics import shim
from docker_magics.engine import cli_plugins
from docker_magics.version import __version__


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment without a docker command."""
    return {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}


def test_the_script_runs_this_package(tmp_path: Path) -> None:
    path = shim.write(tmp_path / "new")
    (tmp_path / "typing.py").write_text("raise SystemExit('imported from the current folder')")
    done = subprocess.run(
        [path, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"docker_magics version {__version__}\n"
    assert shim.write(tmp_path / "new") == path  # ours is replaced
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_another_docker_stays(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\n")
    with pytest.raises(FileExistsError):
        shim.write(tmp_path)
    assert (tmp_path / "docker").read_text() == "#!/bin/sh\n"


def test_path_has_the_script_until_it_is_withdrawn(environment: dict[str, str]) -> None:
    before = dict(environment)
    shim.provide(environment)
    folder, rest = environment["PATH"].split(os.pathsep)
    assert rest == before["PATH"]
    assert os.access(Path(folder, "docker"), os.X_OK)
    shim.provide(environment)  # idempotent
    assert environment["PATH"] == f"{folder}{os.pathsep}{rest}"
    shim.withdraw(environment)
    assert environment == before


def _program(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {name} $*\n")
    path.chmod(0o755)


def test_an_existing_docker_is_used(environment: dict[str, str], tmp_path: Path) -> None:
    _program(tmp_path / "bin/docker", "docker")
    _program(tmp_path / ".docker/cli-plugins/docker-compose", "plugin")
    before = dict(environment)
    shim.provide(environment)
    assert environment == before


def test_compose_works_where_docker_lacks_the_plugin(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_plugins, "_SYSTEM_FOLDERS", ())
    _program(tmp_path / "bin/docker", "docker")
    _program(tmp_path / "bin/docker-compose", "compose")
    shim.provide(environment)
    folder, rest = environment["PATH"].split(os.pathsep)
    shim.provide(environment)  # idempotent
    assert environment["PATH"] == f"{folder}{os.pathsep}{rest}"
    _program(tmp_path / "config/cli-plugins/docker-compose", "2.40.3")  # the one that runs

    def output(*line: str) -> str:
        variables = {**environment, "DOCKER_CONFIG": f"{tmp_path}/config", "DOCKER_HOST": "tcp://x"}
        return subprocess.check_output([f"{folder}/docker", *line], env=variables, text=True)

    assert output("ps", "a b") == "docker ps a b\n"
    assert output("compose", "up") == "2.40.3 compose up\n"


def test_a_folder_that_cannot_be_written_is_no_error(environment: dict[str, str]) -> None:
    environment["XDG_CACHE_HOME"] = "/proc/nowhere"
    before = dict(environment)
    shim.provide(environment)
    assert environment == before


def test_a_docker_that_may_only_be_executed(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "bin/docker", "docker")
    before, open_file = dict(environment), Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:  # root may read all files
        if path == tmp_path / "bin/docker":
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *args, **options)

    monkeypatch.setattr(shim, "_lacks_compose", lambda _: False)
    monkeypatch.setattr(Path, "open", refuse)
    shim.provide(environment)
    assert environment == before
    with pytest.raises(FileExistsError):
        shim.write(tmp_path / "bin")


def test_a_docker_in_a_relative_folder_of_path(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shim, "_lacks_compose", lambda _: True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").write_text("#!/bin/sh\n")
    (tmp_path / "bin/docker").chmod(0o755)
    environment["PATH"] = "bin"
    shim.provide(environment)
    script = Path(environment["PATH"].split(os.pathsep)[0], "docker")
    assert f"exec {tmp_path}/bin/docker " in script.read_text()
