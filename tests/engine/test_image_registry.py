"""push, pull, login and logout with a real registry that requires a password."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from conftest import unavailable
from engine.differences import differs, skip_where_different

from docker_magics import docker
from docker_magics.engine import auth
from docker_magics.errors import BuildFailed, EngineError, NotFound, UsageError
from tools import debian, engines

PASSWORD = "s3cret-pw"  # noqa: S105 - of a temporary registry
USERS = "ann:$2b$04$getsnR1hkhFd27G/38w9MeG4pl/fjW9idTqANAWUxZZ6DPoxz.AXW\n"


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """HOST:PORT of a private registry with a user."""
    if missing := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(missing)}")
    with engines.registry(USERS) as host:
        yield host


@pytest.fixture(scope="module")
def address(with_registry: str) -> str:
    """The address of each engine."""
    return with_registry


@pytest.fixture
def config(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    """The path of config.json, which does not exist yet."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config/config.json"


@pytest.fixture
def name(registry: str, config: Path) -> Iterator[str]:  # noqa: ARG001
    """The name of busybox in the registry."""
    unique = f"{registry}/t/busybox:1"
    docker("tag busybox {name}", name=unique)
    yield unique
    docker("rmi -f {name}", name=unique)


def _log_in(registry: str, password: str = PASSWORD) -> str:
    line = "login -u ann --password-stdin {registry}"
    return str(docker(line, registry=registry, input=f"{password}\n"))


def _digest(name: str) -> str:
    """Return the digest of a tag from the registry."""
    host, _, rest = name.partition("/")
    repository, _, tag = rest.rpartition(":")
    media_types = "application/vnd.docker.distribution.manifest.v2+json"
    media_types += ", application/vnd.oci.image.manifest.v1+json"
    response = requests.head(
        f"http://{host}/v2/{repository}/manifests/{tag}",
        headers={"Accept": media_types},
        auth=("ann", PASSWORD),
        timeout=10,
    )
    return response.headers["Docker-Content-Digest"]


def test_login_and_logout(address: str, registry: str, config: Path) -> None:
    skip_where_different(address, "login", lambda: _log_in(registry))
    assert _log_in(registry) == "Login Succeeded"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    stored = json.loads(config.read_text())["auths"][registry]
    assert base64.b64decode(stored["auth"]).decode() == f"ann:{PASSWORD}"
    assert docker("login {registry}", registry=registry) == "Login Succeeded"
    for _ in range(2):
        message = f"Removing login credentials for {registry}"
        assert docker("logout {registry}", registry=registry) == message
        assert json.loads(config.read_text())["auths"] == {}


def test_a_wrong_password_is_neither_stored_nor_shown(registry: str, config: Path) -> None:
    with pytest.raises(EngineError) as raised:
        _log_in(registry, "wr0ng-pw")
    assert "wr0ng-pw" not in str(raised.value)
    assert not config.exists()


def test_login_without_a_username_is_an_error(registry: str, config: Path) -> None:
    with pytest.raises(UsageError, match="cannot ask for the username"):
        docker("login {registry}", registry=registry)
    assert not config.exists()


@pytest.fixture
def logged_in(registry: str, config: Path) -> None:  # noqa: ARG001
    """Store credentials in config.json like `docker login`."""
    auth.save(registry, {"username": "ann", "password": PASSWORD})


def test_push_without_a_login_fails(name: str) -> None:
    with pytest.raises(EngineError):
        docker("push {name}", name=name)


@pytest.mark.usefixtures("logged_in")
def test_push_and_pull(name: str) -> None:
    assert docker("push {name}", name=name) == name
    docker("rmi {name}", name=name)
    assert docker("pull -q {name}", name=name) == name
    assert docker("pull {name}", name=name) == name
    by_digest = f"{name.rpartition(':')[0]}@{_digest(name)}"
    # Podman also lists the digest from before the push.
    assert by_digest in docker("image inspect {name}", name=name)[0]["RepoDigests"]
    assert docker("pull {name}", name=by_digest) == by_digest


@pytest.mark.usefixtures("logged_in")
def test_push_and_pull_of_all_tags(address: str, name: str) -> None:
    repository = name.rpartition(":")[0]
    skip_where_different(address, "all tags", lambda: docker(f"push -a {repository}"))
    docker("tag {name} {repository}:2", name=name, repository=repository)
    assert docker("push -a {repository}", repository=repository) == repository
    docker("rmi {name} {repository}:2", name=name, repository=repository)
    assert docker("pull -a {repository}", repository=repository) == repository
    assert set(docker("images -q {repository}", repository=repository)) == set(
        docker("images -q busybox")
    )
    docker("rmi {repository}:2", repository=repository)


@pytest.mark.usefixtures("logged_in")
def test_push_and_pull_of_missing_images(registry: str, name: str) -> None:
    with pytest.raises((NotFound, EngineError), match=r"manifest unknown|not found"):
        docker("pull {registry}/t/nothing:1", registry=registry)
    docker("rmi {name}", name=name)
    with pytest.raises(EngineError):
        docker("push {name}", name=name)


@pytest.mark.usefixtures("logged_in")
def test_a_build_pulls_with_the_stored_credentials(registry: str, name: str) -> None:
    docker("push {name}", name=name)
    docker("rmi {name}", name=name)
    dockerfile = f"FROM {name}\nLABEL made=here\n"
    try:
        assert docker("build --pull -", input=dockerfile).startswith("sha256:")
    finally:
        docker("rmi -f {name}", name=name)
    docker("logout {registry}", registry=registry)
    with pytest.raises(BuildFailed):
        docker("build --pull --no-cache -", input=dockerfile)


@pytest.mark.usefixtures("logged_in")
def test_updates_of_images(name: str, address: str) -> None:
    docker("push {name}", name=name)
    if differs(address, "distribution"):
        assert docker("images --updates {name}", name=name)["UPDATE"][0].startswith("unknown: ")
        return
    docker("tag busybox never-pulled:1")
    assert docker("images --updates never-pulled")["UPDATE"].tolist() == ["not from a registry"]
    docker("rmi never-pulled:1")
    assert docker("images --updates {name}", name=name)["UPDATE"].tolist() == ["up to date"]
    docker("run --name newer busybox touch /newer")
    docker("commit newer {name}", name=name)
    docker("rm newer")
    docker("push {name}", name=name)
    docker("tag busybox {name}", name=name)  # as on a machine that has not pulled since
    assert docker("images --updates {name}", name=name)["UPDATE"].tolist() == ["available"]
    docker("logout {registry}", registry=name.partition("/")[0])
    assert "unknown: " in docker("images --updates {name}", name=name)["UPDATE"][0]
