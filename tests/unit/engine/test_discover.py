"""The order of engine discovery, on temporary sockets."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from docker_magics.engine import discover
from docker_magics.engine.address import parse_host
from docker_magics.errors import NoEngine, UsageError


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME on a machine without a default socket."""
    folder = tmp_path_factory.mktemp("h")
    monkeypatch.setattr(discover, "DEFAULT_HOST", f"unix://{folder}/docker.sock")
    monkeypatch.setattr(discover, "SYSTEM_PODMAN", f"{folder}/podman.sock")
    return folder


@pytest.fixture
def listen() -> Iterator[object]:
    """A function that creates a socket that answers."""
    with ExitStack() as stack:

        def open_socket(path: Path) -> str:
            path.parent.mkdir(parents=True, exist_ok=True)
            server = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
            server.bind(str(path))
            server.listen()
            return f"unix://{path}"

        yield open_socket


def env(home: Path, **names: str) -> dict[str, str]:
    return {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), **names}


def add_context(home: Path, name: str, host: str) -> None:
    folder = home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": name, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))


def test_docker_host_takes_precedence(home: Path, listen) -> None:
    listen(home / "docker.sock")
    address = discover.find(env(home, DOCKER_HOST="tcp://localhost:2375", DOCKER_CONTEXT="other"))
    assert (address.host, address.source) == ("tcp://localhost:2375", "DOCKER_HOST")


def test_tls_by_environment(home: Path) -> None:
    names = {"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    address = discover.find(env(home, **names))
    assert address.host == "tcp://h:2376"
    assert address.tls is not None
    assert address.tls.verify
    assert address.tls.ca == Path("/certs/ca.pem")


def test_docker_context_and_the_current_context(home: Path) -> None:
    add_context(home, "far", "ssh://me@far")
    add_context(home, "near", "unix:///near.sock")
    (home / ".docker/config.json").write_text('{"currentContext": "near"}')
    assert discover.find(env(home)).host == "unix:///near.sock"
    assert discover.find(env(home, DOCKER_CONTEXT="far")).host == "ssh://me@far"
    with pytest.raises(UsageError, match='context "gone": context not found'):
        discover.find(env(home, DOCKER_CONTEXT="gone"))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("docker.sock", "default socket"),
        ("run/docker.sock", "rootless Docker"),
        (".docker/run/docker.sock", "Docker Desktop"),
        (".colima/default/docker.sock", "Colima"),
        ("run/podman/podman.sock", "Podman"),
        ("podman.sock", "Podman"),
    ],
)
def test_user_sockets_that_answer(home: Path, listen, path: str, source: str) -> None:
    host = listen(home / path)
    address = discover.find(env(home))
    assert (address.host, address.source) == (host, source)


def test_the_default_socket_precedes_podman_s(home: Path, listen) -> None:
    host, podman = listen(home / "docker.sock"), listen(home / "podman.sock")
    assert discover.find(env(home)).host == host
    assert discover.find(env(home, DOCKER_MAGICS_ENGINE="podman")).host == podman


def test_a_dead_socket_is_skipped(home: Path, listen) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(home / "docker.sock"))
    host = listen(home / "podman.sock")
    assert discover.find(env(home)).host == host


def test_no_engine_is_an_error_with_a_hint(home: Path) -> None:
    with pytest.raises(NoEngine) as caught:
        discover.find(env(home, DOCKER_MAGICS_ENGINE="docker"))
    assert "no docker engine answers" in str(caught.value)
    assert "set DOCKER_HOST" in str(caught.value.hint)


def test_the_embedded_engine_is_the_last_choice(home: Path, listen) -> None:
    own = discover.find(env(home), start=False)
    assert own.host == f"unix://{home}/.local/share/docker_magics/embedded/docker.sock"
    assert discover.find(env(home, XDG_DATA_HOME="/data"), start=False).host.startswith(
        "unix:///data/docker_magics/"
    )
    elsewhere = discover.find(env(home, DOCKER_MAGICS_ROOT="/r"), start=False)
    assert elsewhere.host == "unix:///r/docker.sock"
    listen(home / "docker.sock")
    assert discover.find(env(home, DOCKER_MAGICS_ENGINE="embedded"), start=False) == own
    named = discover.find(env(home, DOCKER_CONTEXT="embedded"), start=False)
    assert (named.host, named.context) == (own.host, "embedded")


def test_a_socket_without_permission_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {f"{home}/docker.sock": PermissionError(13, "Permission denied")}
    monkeypatch.setattr(discover, "_probe", lambda path: refused.get(path, FileNotFoundError()))
    with pytest.raises(NoEngine, match=r"permission denied on .*docker\.sock"):
        discover.find(env(home, DOCKER_MAGICS_ENGINE="docker"))


def test_an_unknown_engine_is_an_error(home: Path) -> None:
    with pytest.raises(UsageError, match="expected one of auto, docker, podman, embedded"):
        discover.find(env(home, DOCKER_MAGICS_ENGINE="lxd"))


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("", "unix:///var/run/docker.sock"),
        ("unix://", "unix:///var/run/docker.sock"),
        ("unix:///x.sock", "unix:///x.sock"),
        ("tcp://1.2.3.4", "tcp://1.2.3.4:2375"),
        ("tcp://:99", "tcp://localhost:99"),
        ("h:7", "tcp://h:7"),
        ("tcp://[::1]", "tcp://[::1]:2375"),
        ("ssh://me@h", "ssh://me@h"),
    ],
)
def test_hosts_are_parsed_like_the_cli(text: str, host: str) -> None:
    assert parse_host(text) == host


def test_an_invalid_host_is_an_error() -> None:
    with pytest.raises(UsageError, match="unable to parse docker host `ftp://x`"):
        parse_host("ftp://x")
