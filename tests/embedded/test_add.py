"""ADD of what a web server has, with a checksum."""

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
from embedded.shared import client, give_busybox, running

DATA = b"from the web\n"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
OTHER = f"sha256:{hashlib.sha256().hexdigest()}"


class Handler(BaseHTTPRequestHandler):
    """Gives the same to every request."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a file on a web server of the tests' own."""
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
    """An engine of the tests' own, with busybox in it."""
    folder: Path = tmp_path_factory.mktemp("add")
    with running(folder), client(folder) as api:
        give_busybox(folder)
        yield api


def build(api: docker.DockerClient, *steps: str) -> str:
    """The ID of the image that is built."""
    dockerfile = io.BytesIO("\n".join(["FROM busybox", *steps]).encode())
    image, _ = api.images.build(fileobj=dockerfile, rm=True)
    return str(image.id)


@pytest.mark.parametrize("value", [DIGEST, "${DIGEST}", "sha256:${HEX}", "${NOTHING}"])
def test_what_has_its_checksum_is_added(api: docker.DockerClient, url: str, value: str) -> None:
    arguments = [f"ARG DIGEST={DIGEST}", f"ARG HEX={DIGEST.removeprefix('sha256:')}"]
    image = build(api, *arguments, f"ADD --checksum={value} {url} /added")
    assert api.containers.run(image, ["cat", "/added"], remove=True) == DATA


def test_what_has_another_checksum_is_refused(api: docker.DockerClient, url: str) -> None:
    build(api, f"ADD {url} /added")  # the cache does not hide it
    with pytest.raises(docker.errors.BuildError, match=f"digest mismatch {DIGEST}: {OTHER}"):
        build(api, f"ADD --checksum={OTHER} {url} /added")
