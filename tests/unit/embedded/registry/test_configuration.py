"""The configuration of registries: mirrors, insecure registries, proxies, name servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded import resolv_conf
from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.registry import configuration, proxies
from docker_magics.embedded.registry.configuration import Configuration
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.proxies import Connections, is_loopback


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the daemon.json of the engine, the user and the machine."""
    for name, constant in (("user", "_USER"), ("system", "_SYSTEM")):
        monkeypatch.setattr(configuration, constant, tmp_path / name / "daemon.json")
    return tmp_path


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "daemon.json").write_text(text)


def options(mirror: str) -> str:
    return json.dumps({"registry-mirrors": [f"{mirror}/"], "insecure-registries": ["host:1"]})


def test_daemon_json_of_the_engine_precedes_the_user_s_and_the_machine_s(files: Path) -> None:
    root = files / "root"
    root.mkdir()
    assert configuration.read(root) == Configuration()
    for name in ("system", "user", "root"):
        write(files / name, options(f"http://{name}"))
        assert configuration.read(root) == Configuration((f"http://{name}",), ("host:1",))
    write(root, "{}")
    assert configuration.read(root) == Configuration()


@pytest.mark.parametrize("damaged", ["{", "7", "null"])
def test_only_the_engine_s_own_file_must_be_valid(files: Path, damaged: str) -> None:
    root = files / "root"
    root.mkdir()
    write(files / "user", damaged)
    write(files / "system", options("http://system"))
    assert configuration.read(root).mirrors == ("http://system",)
    write(root, "{")
    with pytest.raises(ApiError, match="is damaged"):
        configuration.read(root)


def test_the_configuration_as_the_api_shows_it() -> None:
    shown = Configuration(("http://m",), ("host:1",)).as_json()
    assert shown["Mirrors"] == ["http://m/"]
    assert shown["IndexConfigs"] == {
        "host:1": {"Name": "host:1", "Mirrors": [], "Secure": False, "Official": False},
        "docker.io": {
            "Name": "docker.io",
            "Mirrors": ["http://m/"],
            "Secure": True,
            "Official": True,
        },
    }


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("localhost", True), ("localhost:5000", True), ("127.0.0.2", True), ("127.8.0.1:80", True),
     ("[::1]:5000", True), ("10.0.0.1", False), ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_loopback_addresses(domain: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_loopback(domain) is expected


class Pool:
    """A connection pool that records the proxy of each request."""

    made: list[tuple[str, Any]]

    def __init__(self, proxy: str, options: Any) -> None:
        Pool.made.append((proxy, options))
        self._proxy = proxy

    def request(self, _method: str, _url: str, **_options: Any) -> str:
        return self._proxy


def test_requests_go_by_the_proxy_for_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    Pool.made = []
    monkeypatch.setattr(proxies, "new_pool", Pool)
    connections: Any = Connections(timeout=1)

    def proxy_of(url: str) -> str:
        return str(connections.request("GET", url))

    assert proxy_of("https://example.com/") == ""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy:1")
    monkeypatch.setenv("http_proxy", "other:2")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert proxy_of("https://example.com/") == "http://me:secret@proxy:1"
    assert proxy_of("http://example.com/") == "http://other:2"
    assert proxy_of("https://inside.example/") == ""
    assert proxy_of("https://127.0.0.1:5000/") == ""
    assert [proxy for proxy, _ in Pool.made] == ["", "http://me:secret@proxy:1", "http://other:2"]
    assert proxies.info() == {
        "HttpProxy": "other:2",
        "HttpsProxy": "http://xxxxx:xxxxx@proxy:1",
        "NoProxy": "inside.example",
    }


def test_credentials_of_the_proxy_are_sent() -> None:
    pool: Any = proxies.new_pool("http://me:secret@proxy:1", {"num_pools": 1})
    assert pool.proxy_headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"
    bare: Any = proxies.new_pool("http://proxy:1", {})
    assert "proxy-authorization" not in bare.proxy_headers


def test_credentials_show_no_password() -> None:
    shown = repr(Credentials("me", "secret", "token", "token"))
    assert "secret" not in shown
    assert "token" not in shown
    assert Credentials().basic == ""


def test_name_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "resolv.conf"
    monkeypatch.setattr(resolv_conf, "_PATH", path)
    assert resolv_conf.name_servers() == []
    path.write_text(
        "# nameserver 9.9.9.9\nsearch x\nnameserver 1.1.1.1 x\nnameserver \nnameserver ::1\n"
    )
    assert resolv_conf.name_servers() == ["1.1.1.1", "::1"]
