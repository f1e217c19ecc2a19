"""Finding Compose, and telling it which engine to use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docker_magics.compose import program
from docker_magics.compose.program import ComposeMissing, environment_for, find
from docker_magics.engine.address import Address, Tls
from docker_magics.errors import UsageError


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without any program."""
    monkeypatch.setattr(program, "_SYSTEM_FOLDERS", ())
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
    variables = environment_for(Address("unix:///x.sock"), environment | {"DOCKER_CONTEXT": "c"})
    assert variables["DOCKER_HOST"] == "unix:///x.sock"
    assert "DOCKER_CONTEXT" not in variables
    assert variables["DOCKER_BUILDKIT"] == "0"
    _install(tmp_path / "bin", "0.30", "docker-buildx")
    assert "DOCKER_BUILDKIT" not in environment_for(Address("unix:///x.sock"), environment)


def test_tls_keys_are_handed_over(environment: dict[str, str]) -> None:
    keys = [Path("/keys") / name for name in ("ca.pem", "cert.pem", "key.pem")]
    variables = environment_for(Address("tcp://h:2376", tls=Tls(*keys)), environment)
    assert variables["DOCKER_CERT_PATH"] == "/keys"
    assert variables["DOCKER_TLS_VERIFY"] == "1"
    unverified = environment_for(Address("tcp://h:2376", tls=Tls(verify=False)), environment)
    assert (unverified["DOCKER_TLS"], unverified["DOCKER_TLS_VERIFY"]) == ("1", "")
    elsewhere = Tls(keys[0], Path("/others/cert.pem"), keys[2])
    with pytest.raises(UsageError, match="from one folder only"):
        environment_for(Address("tcp://h:2376", tls=elsewhere), environment)
