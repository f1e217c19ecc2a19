"""ADD of a URL, with a checksum."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import docker.errors
import pytest
from embedded.shared import client, load_busybox, running

DATA = b"from the web\n"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
OTHER = f"sha256:{hashlib.sha256().hexdigest()}"


class Handler(BaseHTTPRequestHandler):
    """Answers every request with DATA."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a file on a private web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/file"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """A client of a private engine that has busybox."""
    folder: Path = tmp_path_factory.mktemp("add")
    with running(folder), client(folder) as api:
        load_busybox(folder)
        yield api


def build(api: docker.DockerClient, *steps: str) -> str:
    """Build an image on busybox; return its ID."""
    dockerfile = io.BytesIO("\n".join(["FROM busybox", *steps]).encode())
    image, _ = api.images.build(fileobj=dockerfile, rm=True)
    return str(image.id)


@pytest.mark.parametrize("value", [DIGEST, "${DIGEST}", "sha256:${HEX}", "${NOTHING}"])
def test_add_with_the_right_checksum_succeeds(
    api: docker.DockerClient, url: str, value: str
) -> None:
    arguments = [f"ARG DIGEST={DIGEST}", f"ARG HEX={DIGEST.removeprefix('sha256:')}"]
    image = build(api, *arguments, f"ADD --checksum={value} {url} /added")
    assert api.containers.run(image, ["cat", "/added"], remove=True) == DATA


def test_add_with_a_wrong_checksum_fails(api: docker.DockerClient, url: str) -> None:
    build(api, f"ADD {url} /added")  # a cached step must not hide the mismatch
    with pytest.raises(docker.errors.BuildError, match=f"digest mismatch {DIGEST}: {OTHER}"):
        build(api, f"ADD --checksum={OTHER} {url} /added")
