"""Files that change while the engine walks them: nothing outside of a container is read or written.

A thread plays the part of a container's program that exchanges a folder and a link to a folder of
the host as fast as it can (CVE-2018-15664).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from embedded.kinds import python_of
from embedded.shared import client, load_busybox, running

from tools import engines, images

SECRET = b"secret of the host"
#: How long each walk is tried: with walks by path, the first seconds gave the secret away.
SECONDS = 3
_EXCHANGE = 2
_AT_FDCWD = -100
_libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture(scope="module", params=["root", "www-data"])
def api(request: pytest.FixtureRequest) -> Iterator[docker.DockerClient]:
    """A client of an engine of root or of an ordinary user."""
    if request.param == "root":
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)):
            load_busybox(Path(folder))
            with client(Path(folder)) as api:
                yield api
        return
    with (
        python_of(request.param, has_ids=True) as python,
        engines.embedded(*python) as address,
        contextlib.closing(docker.DockerClient(base_url=address, timeout=20)) as api,
    ):
        images.provide(address, "busybox")
        yield api


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of the host that every user may read."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    for name in ("secret", "f1"):
        (folder / name).write_bytes(SECRET)
        (folder / name).chmod(0o644)
    yield folder
    shutil.rmtree(folder)


@contextlib.contextmanager
def exchanging(folder: Path, outside: Path) -> Iterator[None]:
    """Exchange the folder's `d` and `l`, a link to `outside`, until the block ends."""
    (folder / "l").symlink_to(outside)
    first, second = (os.fsencode(folder / name) for name in ("d", "l"))
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            assert _libc.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _EXCHANGE) == 0
            time.sleep(0.0002)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def repeat(attempt: Callable[[], object]) -> int:
    """Repeat something; return how often it was done."""
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end:
        attempt()
        count += 1
    return count


FILL = "mkdir -p $0/d; for i in 1 2 3 4 5; do echo inside > $0/d/f$i; done; echo x > $0/d/secret"


@pytest.fixture
def box(api: docker.DockerClient) -> Iterator[docker.models.containers.Container]:
    """A container with a folder /w/d in its changes and /v/d in a volume."""
    volume = api.volumes.create()
    script = f"set {{}}; for top in /w /v; do sh -c '{FILL}' $top; done; exec sleep 1000"
    box = api.containers.run(
        "busybox",
        ["sh", "-c", script],
        volumes={volume.name: {"bind": "/v"}},
        detach=True,
    )
    deadline = time.monotonic() + 20
    while box.exec_run(["test", "-e", "/v/d/secret"]).exit_code:
        assert time.monotonic() < deadline
    yield box
    box.remove(force=True)
    volume.remove()


def volume_of(box: docker.models.containers.Container) -> Path:
    """Return where the container's volume is on the host."""
    box.reload()
    return Path(box.attrs["Mounts"][0]["Source"])


def changes_of(api: docker.DockerClient, box: docker.models.containers.Container) -> Path:
    """Return where the container's changes below /w are on the host."""
    return Path(api.info()["DockerRootDir"], "containers", box.id, "upper/w")


def test_files_that_are_copied_out(box: docker.models.containers.Container, outside: Path) -> None:
    def copy() -> None:
        pieces, _ = box.get_archive("/v")
        assert SECRET not in b"".join(pieces)

    with exchanging(volume_of(box), outside):
        assert repeat(copy) > 10


def test_commit_diff_and_sizes(
    api: docker.DockerClient, box: docker.models.containers.Container, outside: Path
) -> None:
    layers = Path(api.info()["DockerRootDir"]) / "images/layers"

    def commit() -> None:
        image = box.commit(pause=False)
        copied = [path for path in layers.glob("*/fs/w/*/*") if not path.parent.is_symlink()]
        contents = {path.read_bytes() for path in copied}
        image.remove()
        assert SECRET not in contents
        assert {change["Path"] for change in box.diff()} <= {
            *("/w", "/w/d", "/w/l", "/v"),
            *(f"/w/{name}/{file}" for name in "dl" for file in ("f1", "f2", "f3", "f4", "f5")),
            *("/w/d/secret", "/w/l/secret"),
        }

    with exchanging(changes_of(api, box), outside):
        assert repeat(commit) > 5


def test_export(
    api: docker.DockerClient, box: docker.models.containers.Container, outside: Path
) -> None:
    def export() -> None:
        assert SECRET not in b"".join(box.export())

    with exchanging(changes_of(api, box), outside):
        assert repeat(export) > 3
