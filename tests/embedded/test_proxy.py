"""A network whose only way out is a proxy."""

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
    """Leads each request for the registry elsewhere to one that there is."""

    def __init__(self, registry: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        there = self.path.replace(_ELSEWHERE, self.server.registry)
        accepted = {"Accept": self.headers.get("Accept", "*/*")}
        answer = urllib3.request("GET", there, headers=accepted)
        self.send_response(answer.status)
        for name in ("Content-Type", "Docker-Content-Digest"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(registry: str) -> Iterator[_Proxy]:
    """A proxy that runs."""
    with _Proxy(registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_images_come_through_it(
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
        assert proxy.asked == []  # what is on this machine needs none
        docker("pull -q {name}", name=f"{_ELSEWHERE}/proxied:1")
        assert proxy.asked[-1].startswith(f"http://{_ELSEWHERE}/v2/proxied/")
        told = str(docker("info --format {template}", template="{{.HTTPProxy}}"))
        assert "xxxxx:xxxxx@127.0.0.1" in told
