"""A registry on loopback, in this process, with configurable faults."""

from __future__ import annotations

import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from docker_magics.wire import digest, media_types

USER, PASSWORD = "me", "secret"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class FakeRegistry:
    """A registry, its token server and its storage in one server.

    Attributes:
        address: `127.0.0.1:PORT`.
        blobs: digest -> content.
        manifests: (repository, tag or digest) -> (media type, content).
        requests: method, path and headers of each request.
        auth: the required authentication: "", basic or bearer.
        mountable: digests that other repositories have.
        cuts: digest -> the number of bytes after which each of the next responses breaks off.
        ranges: whether a download may be resumed.
        storage: the target of redirects of blobs; empty for none.
        answers: path -> (status, body) of fixed responses.
        encodings: path -> Content-Encoding of its fixed response.
        realm: the token server's URL; empty for this server's.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.auth = ""
        self.mountable: set[str] = set()
        self.cuts: dict[str, list[int]] = {}
        self.ranges = True
        self.storage = ""
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.encodings: dict[str, str] = {}
        self.realm = ""
        registry = self

        class Handler(_Handler):
            fake = registry

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_blob(self, data: bytes) -> str:
        """Add a blob; return its digest."""
        name = digest.of(data)
        self.blobs[name] = data
        return name

    def add_manifest(self, repository: str, tag: str, value: Any, kind: str = "") -> str:
        """Add a manifest under a tag and its digest; return the digest."""
        data = json.dumps(value).encode()
        kind = kind or value.get("mediaType") or media_types.DOCKER_MANIFEST
        name = digest.of(data)
        for key in (tag, name):
            self.manifests[repository, key] = (kind, data)
        return name

    def add_image(
        self, repository: str, tag: str, layers: list[bytes], diff_ids: list[str], **fields: Any
    ) -> str:
        """Add an image with these layers; return its ID."""
        config = {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            **fields,
        }
        image_id = self.add_blob(json.dumps(config).encode())
        descriptors = [
            {
                "mediaType": media_types.DOCKER_LAYER_GZIP,
                "digest": self.add_blob(layer),
                "size": len(layer),
            }
            for layer in layers
        ]
        manifest = {"schemaVersion": 2, "config": {"digest": image_id}, "layers": descriptors}
        self.add_manifest(repository, tag, manifest)
        return image_id

    def sent(self, method: str, pattern: str = "") -> list[str]:
        """Return the paths of the requests with this method that match a pattern."""
        return [
            path for verb, path, _ in self.requests if verb == method and re.search(pattern, path)
        ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeRegistry

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def dispatch(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        self.fake.requests.append((self.command, self.path, dict(self.headers)))
        if url.path in self.fake.answers:
            encoding = self.fake.encodings.get(url.path, "identity")
            self.answer(*self.fake.answers[url.path], Content_Encoding=encoding)
        elif url.path == "/token":
            self.token(parse_qs(url.query or body.decode()))
        elif url.path.startswith("/storage/"):
            self.blob(url.path.removeprefix("/storage/"))
        elif not self.is_authorized():
            self.challenge()
        elif url.path == "/v2/":
            self.answer(200, b"{}")
        elif match := re.fullmatch(r"/v2/(.+)/manifests/([^/]+)", url.path):
            self.manifest(match[1], match[2], body)
        elif match := re.fullmatch(r"/v2/(.+)/tags/list", url.path):
            self.tags(match[1])
        elif re.fullmatch(r"/v2/.+/blobs/uploads/.*", url.path):
            self.upload(url.path, parse_qs(url.query), body)
        elif match := re.fullmatch(r"/v2/(.+)/blobs/([^/]+)", url.path):
            self.blob(match[2], redirect=self.fake.storage)
        else:
            self.answer(404)

    do_GET = do_HEAD = do_PUT = do_POST = dispatch  # noqa: N815 - as http.server has them

    def is_authorized(self) -> bool:
        expected = {"basic": BASIC, "bearer": "Bearer good"}.get(self.fake.auth)
        return self.headers.get("Authorization") == expected or not self.fake.auth

    def challenge(self) -> None:
        url = self.fake.realm or f"http://{self.fake.address}/token"
        realm = f'Bearer realm="{url}",service="fake"'
        header = realm if self.fake.auth == "bearer" else 'Basic realm="fake"'
        self.answer(401, b'{"errors": []}', WWW_Authenticate=header)

    def token(self, query: dict[str, list[str]]) -> None:
        is_refresh = query.get("refresh_token") == ["refresh"]
        if not is_refresh and self.headers.get("Authorization") not in {BASIC, None}:
            self.answer(401)
            return
        name = "access_token" if is_refresh else "token"
        self.answer(200, json.dumps({name: "good"}).encode())

    def manifest(self, repository: str, name: str, body: bytes) -> None:
        if self.command == "PUT":
            for key in (name, digest.of(body)):
                self.fake.manifests[repository, key] = (self.headers["Content-Type"], body)
            self.answer(201)
        elif (repository, name) in self.fake.manifests:
            kind, data = self.fake.manifests[repository, name]
            self.answer(200, data, Content_Type=f"{kind}; charset=utf-8")
        else:
            error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
            self.answer(404, json.dumps({"errors": [error]}).encode())

    def tags(self, repository: str) -> None:
        tags = [tag for name, tag in self.fake.manifests if name == repository and ":" not in tag]
        self.answer(200 if tags else 404, json.dumps({"tags": tags}).encode())

    def upload(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        if self.command == "POST":
            mounted = query.get("mount", [""])[0] in self.fake.mountable
            self.answer(201 if mounted else 202, Location=f"{path}id?state=1")
            return
        (name,) = query["digest"]
        if digest.of(body) == name and query["state"] == ["1"]:
            self.fake.blobs[name] = body
            self.answer(201)
        else:
            self.answer(400)

    def blob(self, name: str, redirect: str = "") -> None:
        if name not in self.fake.blobs:
            self.answer(404)
        elif redirect and self.command == "GET":
            self.answer(307, Location=f"{redirect}/storage/{name}")
        else:
            self.send_blob(name, self.fake.blobs[name])

    def send_blob(self, name: str, data: bytes) -> None:
        start = 0
        if self.fake.ranges and (
            match := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        ):
            start = int(match[1])
        cuts = self.fake.cuts.get(name)
        if self.command == "HEAD" or not cuts:
            self.answer(206 if start else 200, data[start:])
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + cuts.pop(0)])
        self.close_connection = True
