"""The explained errors of the course, provoked on real engines: each shows its explanation."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import POD
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from docker_magics.course.happened import explanations
from tools import engines, images

#: What a registry answers: repository -> HTTP status, code of the distribution's specification.
_REFUSALS = {
    "denied": (403, "DENIED", "requested access to the resource is denied"),
    "tagless": (404, "MANIFEST_UNKNOWN", "manifest unknown"),
    "busy": (429, "TOOMANYREQUESTS", "You have reached your pull rate limit"),
    "private": (401, "UNAUTHORIZED", "authentication required"),
}
_BUILD = "%%dockerfile -t happened/new:1\nFROM busybox\n"
_SLEEP = "%docker run -d --name {} --label happened busybox sleep 600\n"
#: Error's ID -> cells; the last one ends with the error. REGISTRY is a registry that refuses.
PROVOKED: dict[str, list[str]] = {
    "name-in-use": ["%docker create --name twin busybox", "%docker create --name twin busybox"],
    "no-such-container": ["%docker start nobody"],
    "pull-denied": ["%docker pull REGISTRY/denied"],
    "manifest-unknown": ["%docker pull REGISTRY/tagless:99"],
    "no-such-image": ["%docker rmi happened/nothing:1"],
    "registry-unreachable": ["%docker pull 127.0.0.1:1/nothing"],
    "rate-limit": ["%docker pull REGISTRY/busy"],
    "unauthorized": [
        "%docker tag busybox REGISTRY/private",
        "%docker push REGISTRY/private",
    ],
    "port-in-use": [
        "%docker run -d -p 127.0.0.1:8765:80 busybox sleep 600",
        "%docker run -d -p 127.0.0.1:8765:80 busybox sleep 600",
    ],
    "no-executable": ["%docker run busybox --name second"],
    "not-executable": ["%docker run busybox /etc/hostname"],
    "remove-running": [_SLEEP.format("runner"), "%docker rm runner"],
    "image-in-use": [
        f"{_BUILD}ENV IN_USE=1",
        "%docker create happened/new:1",
        "%docker rmi happened/new:1",
    ],
    "image-has-children": [
        "%%dockerfile --builder classic -t happened/parent:1\nFROM busybox\nENV PARENT=1",
        "%%dockerfile --builder classic -t happened/child:1\nFROM happened/parent:1\nENV CHILD=1",
        "%docker rmi $(docker images -q happened/parent:1)",
    ],
    "not-running": ["%docker create --name still busybox", "%docker exec still ls"],
    "paused": [_SLEEP.format("frozen"), "%docker pause frozen", "%docker exec frozen ls"],
    "no-daemon": ["%docker -H unix:///nowhere.sock ps"],
    "unknown-instruction": [f"{_BUILD}RNU ls"],
    "copy-not-found": [f"{_BUILD}COPY nothing.txt /"],
    "step-command-missing": [f"{_BUILD}RUN no-such-program"],
    "step-failed": [f"{_BUILD}RUN false"],
    "uppercase": ["%docker run BusyBox"],
    "invalid-reference": ["%docker run busybox:"],
    "network-missing": ["%docker run --network nowhere busybox"],
    "network-exists": ["%docker network create plaza", "%docker network create plaza"],
    "active-endpoints": [
        "%docker network create square",
        "%docker run -d --network square busybox sleep 600",
        "%docker network rm square",
    ],
    "volume-in-use": ["%docker create -v pantry:/pantry busybox", "%docker volume rm pantry"],
    "volume-missing": ["%docker volume inspect nothing"],
    "bind-missing": ["%docker run --mount type=bind,source=/no/where,target=/x busybox"],
    "volume-name": ["%docker run -v 'a b:/x' busybox"],
    "container-name": ["%docker run --name 'my box' busybox"],
    "memory-too-small": ["%docker run --memory 64 busybox"],
    "no-shell": ["%docker run busybox echo hi > /note.txt"],
    "unknown-flag": ["%docker run --nmae box busybox"],
    "unknown-command": ["%docker rnu busybox"],
    "arguments": ["%docker run"],
    "no-compose-file": ["%docker compose up -d"],
    "undefined": ["begun"],
}
#: What takes a full disk: `test_a_full_disk_shows_its_explanation`.
_NOT_PROVOKED = {"no-space"}
#: What containerd's image store allows: it removes the parent of an image.
_CLASSIC_STORE = {"image-has-children"}
#: The size of a small disk, and of a file that it cannot hold.
_DISK, _FILE_BYTES = "100m", 120 << 20


class _Refusing(BaseHTTPRequestHandler):
    # What TLS says to it gets an answer of HTTP too, so that a client falls back from TLS.
    default_request_version = "HTTP/1.1"

    def answer(self) -> None:
        repository = self.path.split("/")[2]
        status, code, message = _REFUSALS.get(repository, (200, "", ""))
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = answer  # noqa: N815 - names of http.server

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """HOST:PORT of a registry that refuses each repository in its own way."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """A function that runs a cell in a notebook with a session; it returns what the cell shows."""
    monkeypatch.chdir(tmp_path)
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))

    def cell(source: str) -> str:
        with capture_output() as shown:
            shell.run_cell(source)
        results = "\n".join(output.data.get("text/plain", "") for output in shown.outputs)
        return f"{shown.stdout}\n{shown.stderr}\n{results}"

    cell("%load_ext docker_magics\n%load_ext docker_magics.course\n%docker session start happened")
    yield cell
    cell("%docker session prune -f\n%docker session stop")
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("address", ["docker", "embedded", POD], indirect=True)
def test_each_error_shows_its_explanation(
    engine: str, run: Callable[[str], str], refusing: str
) -> None:
    assert engine
    has_containerd_store = "io.containerd.snapshotter" in run("%docker info -f '{{.DriverStatus}}'")
    missed = {}
    for name, cells in PROVOKED.items():
        if has_containerd_store and name in _CLASSIC_STORE:
            continue
        for source in cells:
            shown = run(source.replace("REGISTRY", refusing))
        if f"What happened? {explanations()[name]['en']['cause']}" not in shown:
            missed[name] = shown
    assert missed == {}, "\n".join(missed.values())


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an engine with its root on a small disk."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    root = tmp_path / "disk"
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", root], check=True)
    try:
        with engines.embedded(root=root) as address:
            images.provide(address, "busybox")
            monkeypatch.setenv("DOCKER_HOST", address)
            yield address
    finally:
        subprocess.run(["umount", root], check=True)


def test_a_full_disk_shows_its_explanation(
    small_disk: str, run: Callable[[str], str], tmp_path: Path
) -> None:
    assert small_disk
    with (tmp_path / "big").open("wb") as file:
        file.truncate(_FILE_BYTES)
    shown = run("%%dockerfile -t happened/full:1 .\nFROM busybox\nCOPY big /")
    assert f"What happened? {explanations()['no-space']['en']['cause']}" in shown


def test_all_errors_but_these_are_provoked() -> None:
    assert PROVOKED.keys() == explanations().keys() - _NOT_PROVOKED
