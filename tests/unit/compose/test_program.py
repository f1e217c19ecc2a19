"""Finding Compose, and telling it which engine to use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docker_magics.compose.program import ComposeMissing, compose_environment, find
from docker_magics.engine import cli_plugins
from docker_magics.engine.address import Address


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without any program."""
    monkeypatch.setattr(cli_plugins, "_SYSTEM_FOLDERS", ())
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path / "scripts"))
    return {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}


def _install(folder: Path, version: str, name: str = "docker-compose") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def test_nothing_is_installed(environment: dict[str, str], tmp_path: Path) -> None:
    _install(tmp_path / "bin", "1.29.2")  # v1 cannot be used
    with pytest.raises(ComposeMissing) as caught:
        find(environment)
    assert str(caught.value) == (
        "cannot run Compose: it is not installed\nInstall it: %pip install docker-magics[compose]"
    )


def test_plugins_come_first(environment: dict[str, str], tmp_path: Path) -> None:
    on_path = _install(tmp_path / "bin", "v2.30.1")
    assert find(environment) == on_path
    scripts = _install(tmp_path / "scripts", "5.6.1")
    assert find(environment) == scripts
    plugin = _install(tmp_path / ".docker/cli-plugins", "5.6.1")
    assert find(environment) == plugin
    extra = _install(tmp_path / "extra", "5.6.1")
    config = {"cliPluginsExtraDirs": [str(tmp_path / "extra")]}
    (tmp_path / ".docker/config.json").write_text(json.dumps(config))
    assert find(environment) == extra


def test_a_program_that_does_not_run_is_passed_over(
    environment: dict[str, str], tmp_path: Path
) -> None:
    broken = _install(tmp_path / "scripts", "2")
    broken.write_text("#!/nonexistent\n")
    with pytest.raises(ComposeMissing):
        find(environment)


def test_the_engine_is_handed_over(environment: dict[str, str], tmp_path: Path) -> None:
    variables = compose_environment(Address("unix:///x.sock"), environment)
    assert variables["DOCKER_HOST"] == "unix:///x.sock"
    assert variables["DOCKER_BUILDKIT"] == "0"
    _install(tmp_path / "bin", "0.30", "docker-buildx")
    assert "DOCKER_BUILDKIT" not in compose_environment(Address("unix:///x.sock"), environment)


def test_a_program_that_runs_docker_compose_itself_ends(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """It is `docker-compose` of a machine whose docker is this package: nothing asks it again."""
    _install(tmp_path / "bin", '"v2.30.$DOCKER_MAGICS_COMPOSE_ASKED"')
    assert find(environment) == tmp_path / "bin/docker-compose"
    with pytest.raises(ComposeMissing):
        find({**environment, "DOCKER_MAGICS_COMPOSE_ASKED": "1"})
