"""Full disks and decompression bombs: clear errors that leave nothing."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, DockerException
from docker.models.containers import Container
from embedded.faults import (
    BUSY,
    MIB,
    archive,
    raise_error,
    serving,
    wait_until,
)
from embedded.shared import (
    client,
    files_of,
    running,
)


@pytest.fixture
def small_disk(tmp_path: Path, busybox: bytes) -> Iterator[Path]:
    """The folder of an engine with its root on a small disk, in a private mount namespace."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    (tmp_path / "root").mkdir()
    script = 'mount -t tmpfs -o size=100m tmpfs "$0" && exec "$@"'
    before = ["unshare", "--mount", "sh", "-c", script, f"{tmp_path}/root"]
    with running(tmp_path, *before) as process, client(tmp_path) as api:
        api.images.load(busybox)
        view = tmp_path / "seen"
        view.mkdir()
        (view / "root").symlink_to(f"/proc/{process.pid}/root{tmp_path}/root")
        (view / "d.sock").symlink_to(tmp_path / "d.sock")
        yield view


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(small_disk: Path) -> None:
    noise = random.Random(2).randbytes(40 * MIB)
    context = archive(("Dockerfile", b"FROM busybox\nCOPY noise /\n"), ("noise", noise))
    with client(small_disk) as api, serving(archive(("noise", noise))) as registry:
        box = api.containers.run("busybox", **BUSY)
        before = files_of(small_disk)
        attempts: list[Callable[[], object]] = [
            lambda: list(map(raise_error, api.api.pull(registry.name, stream=True, decode=True))),
            lambda: api.images.build(fileobj=io.BytesIO(context), custom_context=True),
            lambda: api.images.load(archive(("blob", 3 * noise))),
            lambda: import_(api, archive(("noise", 3 * noise))),
            lambda: box.put_archive("/", archive(("noise", 3 * noise))),
        ]  # fmt: skip
        for attempt in attempts:
            with pytest.raises(
                DockerException, match="cannot write to the disk: no space left on device"
            ):
                attempt()
            box.exec_run("rm -f /noise")
            wait_until(lambda: files_of(small_disk) == before)
        filler = small_disk / "root/filler"
        wait_until(lambda: fails_on_full_disk(box, filler))
        for attempt in (
            lambda: api.volumes.create("no-room"),
            lambda: api.networks.create("no-room"),
            lambda: api.containers.create("busybox", "true"),
            lambda: box.commit("full"),
            lambda: box.restart(timeout=0),
        ):
            with pytest.raises(APIError, match="no space left on device"):
                attempt()
        filler.unlink()
        box.start()
        assert box.exec_run(["echo", "room"]).output == b"room\n"
        wait_until(lambda: files_of(small_disk) == before)
        box.remove(force=True)


def fails_on_full_disk(box: Container, filler: Path) -> bool:
    """Fill the disk, and return whether an exec fails; the last exec may still free a block."""
    fill(filler)
    return b"no space left on device" in box.exec_run("true").output


def fill(path: Path) -> None:
    """Write a file until the disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def import_(api: docker.DockerClient, data: bytes) -> None:
    """Import an archive as an image."""
    raise_error(json.loads(api.api.import_image_from_data(data, "imported")))


#: Adds layers with more and more bytes behind their archive's end, so that the small disk is full
#: at any time; the archives are on another disk. Prints each error once, and what is left.
ADD_LAYERS = """
import sys
from pathlib import Path
from random import Random
from docker_magics.embedded.images import disk_room
from docker_magics.embedded.images.blobs import Blobs
from docker_magics.embedded.images.layers import Layers

disk_room.RESERVE = 0
noise = Random(1).randbytes(8 << 20)
layers = Layers(Path(sys.argv[1]))
errors = {}
for size in range(2 << 20, 6 << 20, 400_000):
    with Blobs(Path(sys.argv[2])).writer() as archive:
        archive.write(bytes(1024) + noise[:size])
        try:
            layers.add(archive)
        except Exception as error:
            errors[repr(error)] = size
        else:
            layers.remove(*layers.diff_ids())
print(*errors, *Path(sys.argv[1]).iterdir(), sep="\\n")
"""


def test_a_disk_that_is_full_at_an_archive_s_end_is_a_clear_error(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    (tmp_path / "small").mkdir()
    mount = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$0" -X dev -W error -c "$3" "$1" "$2"'
    folders = f"{tmp_path}/small", f"{tmp_path}/blobs"
    command = ["unshare", "--mount", "sh", "-c", mount, sys.executable, *folders, ADD_LAYERS]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "ApiError('cannot write to the disk: no space left on device')\n"
    assert not result.stderr


def test_decompression_bombs_are_errors(small_disk: Path) -> None:
    """Zeros compressed to a thousandth of their size, and a file name longer than memory."""
    name = tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    with client(small_disk) as api:
        before = files_of(small_disk)
        with pytest.raises(APIError, match="cannot write to the disk: no space"):
            import_(api, zeros(300 * MIB))
        with pytest.raises(APIError, match="header field too long"):
            import_(api, name.tobuf(tarfile.GNU_FORMAT))
        time.sleep(1)
        assert files_of(small_disk) == before


def zeros(size: int) -> bytes:
    """Return a gzipped archive of a file of zeros."""
    info = tarfile.TarInfo("zeros")
    info.size = size
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(size // MIB):
            file.write(bytes(MIB))
        file.write(bytes(1024))
    return buffer.getvalue()
