"""Pulls through an HTTP proxy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3

from docker_magics import docker
from tools import engines, images

_ELSEWHERE = "registry.example:5000"


class _Proxy(ThreadingHTTPServer):
    """Forwards requests for the registry `_ELSEWHERE` to a real registry.

    Attributes:
        urls: the requested URLs.
    """

    def __init__(self, registry: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry
        self.urls: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy

    def do_GET(self) -> None:
        self.server.urls.append(self.path)
        url = self.path.replace(_ELSEWHERE, self.server.registry)
        headers = {"Accept": self.headers.get("Accept", "*/*")}
        response = urllib3.request("GET", url, headers=headers)
        self.send_response(response.status)
        for name in ("Content-Type", "Docker-Content-Digest"):
            if name in response.headers:
                self.send_header(name, response.headers[name])
        self.send_header("Content-Length", str(len(response.data)))
        self.end_headers()
        self.wfile.write(response.data)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture
def proxy(registry: str) -> Iterator[_Proxy]:
    """A running proxy."""
    with _Proxy(registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_pulls_use_the_proxy(
    proxy: _Proxy, registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@127.0.0.1:{proxy.server_port}")
    (tmp_path / "root").mkdir(mode=0o700)
    settings = {"insecure-registries": [_ELSEWHERE]}
    (tmp_path / "root/daemon.json").write_text(json.dumps(settings))
    with engines.embedded(root=tmp_path) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        images.provide(address, "busybox")
        docker("tag busybox {name}", name=f"{registry}/proxied:1")
        docker("push -q {name}", name=f"{registry}/proxied:1")
        assert proxy.urls == []  # loopback is not proxied
        docker("pull -q {name}", name=f"{_ELSEWHERE}/proxied:1")
        assert proxy.urls[-1].startswith(f"http://{_ELSEWHERE}/v2/proxied/")
        info = str(docker("info --format {template}", template="{{.HTTPProxy}}"))
        assert "xxxxx:xxxxx@127.0.0.1" in info
