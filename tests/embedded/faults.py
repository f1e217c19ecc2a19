"""Helpers for tests of faults: a faulty registry, archives, and waiting."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from docker.errors import APIError

MIB = 1 << 20
#: Options of a container that prints a line and then sleeps; SIGKILL stops it without delay.
BUSY = {
    "command": ["sh", "-c", "echo begun; exec sleep 300"],
    "detach": True,
    "stop_signal": "KILL",
}


class Registry:
    """A faulty registry with one image of one layer.

    Attributes:
        name: the name of its repository, with HOST:PORT.
        blobs: digest -> content, including the manifest.
        cut_after: the maximum number of bytes of a layer in a response; None for all.
        ranges: the first byte of each range request.
        slow: if set, the registry waits for this event in the middle of a layer.
    """

    def __init__(self, address: str, layer: bytes) -> None:
        self.name = f"{address}/cut"
        self.blobs: dict[str, bytes] = {}
        self.cut_after: int | None = None
        self.ranges: list[int] = []
        self.slow: threading.Event | None = None
        packed = gzip.compress(layer, 1)
        self.layer = self.add(packed)
        config = {
            "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
        }
        self.config = self.add(json.dumps(config).encode())
        self.manifest = self.add(json.dumps(self.manifest_of_size(len(packed))).encode())

    def manifest_of_size(self, size: int) -> dict[str, Any]:
        """Return the manifest of the image, with a layer of this compressed size."""
        prefix = "application/vnd.oci.image"
        return {
            "schemaVersion": 2,
            "mediaType": f"{prefix}.manifest.v1+json",
            "config": {"mediaType": f"{prefix}.config.v1+json", "digest": self.config, "size": 1},
            "layers": [
                {"mediaType": f"{prefix}.layer.v1.tar+gzip", "digest": self.layer, "size": size}
            ],
        }

    def add(self, data: bytes) -> str:
        """Store a blob; return its digest."""
        digest = digest_of(data)
        self.blobs[digest] = data
        return digest

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Respond to a GET request."""
        digest = request.path.rpartition("/")[2]
        digest = self.manifest if digest == "latest" else digest
        data = self.blobs.get(digest)
        if data is None:
            request.send_error(404)
            return
        first = int((request.headers.get("Range") or "bytes=0-")[6:-1])
        if first:
            self.ranges.append(first)
        request.send_response(206 if first else 200)
        request.send_header("Content-Length", str(len(data) - first))
        request.end_headers()
        if digest != self.layer:
            request.wfile.write(data)
            return
        middle = first + (self.cut_after or len(data)) // 2
        request.wfile.write(data[first:middle])
        if self.slow is not None:
            self.slow.wait(20)
        rest = data[middle:] if self.cut_after is None else data[middle : first + self.cut_after]
        request.wfile.write(rest)


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def archive(*members: tuple[str, bytes]) -> bytes:
    """Return a tar archive of files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@contextmanager
def serving(layer: bytes) -> Iterator[Registry]:
    """Serve a registry on loopback, with an image of this layer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                registry.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        registry = Registry(f"127.0.0.1:{server.server_port}", layer)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()


def raise_error(line: dict[str, Any]) -> None:
    """Raise the error of a line of a JSON stream, if it contains one."""
    if "error" in line:
        raise APIError(line["error"])


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until a condition is true; fail after a timeout."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
