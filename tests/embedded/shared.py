"""Private embedded engines, which tests may kill, and helpers for them."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
from conformance import document, recorder

from docker_magics.embedded.background import answers
from tools import images


@contextmanager
def running(folder: Path, *before: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run an engine in `folder` while the block runs.

    Args:
        folder: contains the engine's socket, root and log.
        before: a command that runs the engine's command.

    Yields:
        The engine's process; it answers requests.

    Raises:
        AssertionError: a response was not what the API's description says.
    """
    command = [*before, *recorder.COMMAND, "-m", "docker_magics.embedded"]
    command += ["--host", f"unix://{folder}/d.sock", "--root", f"{folder}/root"]
    log = folder / "log"
    with log.open("ab") as output, subprocess.Popen(command, stderr=output) as process:
        try:
            deadline = time.monotonic() + 20
            while not answers(folder / "d.sock"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield process
        finally:
            process.terminate()
    document.check(recorder.responses(folder))


@contextmanager
def client(folder: Path) -> Iterator[docker.DockerClient]:
    """Connect docker-py to the engine in `folder`."""
    with closing(docker.DockerClient(base_url=f"unix://{folder}/d.sock", timeout=20)) as api:
        yield api


@contextmanager
def connection(folder: Path) -> Iterator[http.client.HTTPConnection]:
    """Open an HTTP connection to the engine in `folder`, for raw requests."""
    engine = http.client.HTTPConnection("engine", timeout=20)
    engine.sock = socket.socket(socket.AF_UNIX)
    engine.sock.connect(str(folder / "d.sock"))
    with closing(engine):
        yield engine


def layer(**files: str) -> bytes:
    """Return the tar archive of a layer with these files in its root."""
    return _tar({name: content.encode() for name, content in files.items()})


def with_layers(saved: bytes, name: str, *layers: bytes) -> bytes:
    """Return a saved image with more layers on top, under another name."""
    with tarfile.open(fileobj=io.BytesIO(saved)) as tar:
        members = {info.name: tar.extractfile(info).read() for info in tar if info.isfile()}  # type: ignore[union-attr]
    (manifest,) = json.loads(members["manifest.json"])
    config = json.loads(members[manifest["Config"]])
    for number, data in enumerate(layers):
        config["rootfs"]["diff_ids"] += [f"sha256:{hashlib.sha256(data).hexdigest()}"]
        config.setdefault("history", []).append({"created_by": f"layer {number}"})
        members[f"{number}.tar"] = data
    new_manifest = {
        "Config": "config.json",
        "RepoTags": [f"{name}:latest"],
        "Layers": [*manifest["Layers"], *(f"{number}.tar" for number in range(len(layers)))],
    }
    members["config.json"] = json.dumps(config).encode()
    members["manifest.json"] = json.dumps([new_manifest]).encode()
    del members["index.json"], members["oci-layout"], members["repositories"]
    return _tar(members)


def _tar(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def files_of(folder: Path) -> set[str]:
    """Return the files of an engine's store, without its own records."""
    root = folder / "root"
    return {
        str(path.relative_to(root))
        for name in ("images", "containers", "volumes", "networks", "tmp")
        for path in (root / name).rglob("*")
    } - {"images/repositories.json", "images/sources.json"}


def load_busybox(folder: Path) -> None:
    """Load the image busybox into the engine in `folder`."""
    images.provide(f"unix://{folder}/d.sock", "busybox")


def cgroups_of(container: str) -> list[Path]:
    """Return the control groups of a container."""
    # unlike rglob, os.walk passes over the groups that other tests remove meanwhile
    folders = (Path(folder) for folder, _, _ in os.walk("/sys/fs/cgroup"))
    return [folder for folder in folders if folder.name == f"docker_magics-{container}"]


def command_lines_with(text: str) -> list[str]:
    """Return the command lines of this machine's processes that contain `text`."""
    return list(_command_lines(text).values())


def pids_with(text: str) -> list[int]:
    """Return the IDs of the processes with `text` in their command lines."""
    return list(_command_lines(text))


def _command_lines(text: str) -> dict[int, str]:
    """Return PID -> command line of the processes with `text` in it."""
    by_pid = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line:
            by_pid[int(path.parent.name)] = line
    return by_pid
