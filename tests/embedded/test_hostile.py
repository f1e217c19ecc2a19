"""What containers, clients and archives do to an engine that shall survive it."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import random
import resource
import socket
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
import pytest
import zstandard
from embedded.shared import client, layer, running

from docker_magics.embedded.state import remove_tree


def limits_of(pid: int) -> tuple[int, int]:
    """Return the soft and the hard limit of a process's descriptors."""
    return resource.prlimit(pid, resource.RLIMIT_NOFILE)


def test_a_flood_at_a_published_port_does_not_reach_the_api(tmp_path: Path, busybox: bytes) -> None:
    limited = ("prlimit", "--nofile=512:512")
    with running(tmp_path, *limited), client(tmp_path) as api, contextlib.ExitStack() as stack:
        api.images.load(busybox)
        box = api.containers.run(
            "busybox", ["httpd", "-f", "-p", "80"], ports={80: ("127.0.0.1", 0)}, detach=True
        )
        box.reload()
        port = int(box.ports["80/tcp"][0]["HostPort"])
        for _ in range(600):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        for _ in range(20):  # while they last, and as many clients as an editor opens
            idle = stack.enter_context(socket.socket(socket.AF_UNIX))
            idle.connect(str(tmp_path / "d.sock"))
            assert api.ping()
        assert box.exec_run(["true"]).exit_code == 0
        stack.close()
        assert api.containers.list()
        box.remove(force=True)


def test_containers_keep_the_limit_of_descriptors_with_which_the_engine_starts(
    tmp_path: Path, busybox: bytes
) -> None:
    with running(tmp_path, "prlimit", "--nofile=300:700") as engine, client(tmp_path) as api:
        api.images.load(busybox)
        assert limits_of(engine.pid) == (700, 700)
        script = ["sh", "-c", "ulimit -Sn; ulimit -Hn"]
        assert api.containers.run("busybox", script, remove=True) == b"300\n700\n"
        assert api.containers.run("busybox", script, remove=True, init=True) == b"300\n700\n"
        limit = [{"Name": "nofile", "Soft": 50, "Hard": 60}]
        created = api.containers.run("busybox", script, remove=True, ulimits=limit)
        assert created == b"50\n60\n"


#: Folders in each other: more than Python can recurse into.
DEEP = ["sh", "-c", "i=0; while [ $i -lt 1500 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done"]


def test_deep_folders_do_not_keep_the_engine_from_starting(tmp_path: Path, busybox: bytes) -> None:
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        api.containers.run("busybox", DEEP, remove=True)
        volume = {"deep": {"bind": "/v", "mode": "rw"}}
        api.containers.run("busybox", DEEP, volumes=volume, working_dir="/v", remove=True)
        api.volumes.get("deep").remove()
        box = api.containers.run("busybox", DEEP, detach=True)
        assert box.wait(timeout=30)["StatusCode"] == 0
        # as if the engine had been killed while it removed the container
        (tmp_path / f"root/containers/{box.id}/config.json").unlink()
    with running(tmp_path), client(tmp_path) as api:
        assert api.containers.list(all=True) == []
        assert list((tmp_path / "root/containers").iterdir()) == []


def test_deeply_nested_json_of_an_archive_is_refused(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.size = 500_000
        tar.addfile(info, io.BytesIO(b"[" * info.size))
    with running(tmp_path), client(tmp_path) as api:
        with pytest.raises(docker.errors.ImageLoadError, match="exceeded max depth"):
            api.images.load(archive.getvalue())
        assert api.ping()


@pytest.mark.parametrize("init", [False, True])
def test_containers_do_not_see_descriptors_that_the_engine_inherited(
    tmp_path: Path, busybox: bytes, *, init: bool
) -> None:
    (tmp_path / "secret").write_text("of the host")
    inherit = ("bash", "-c", f'exec 9<{tmp_path}; exec "$@"', "bash")
    with running(tmp_path, *inherit), client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", "sleep 100", init=init, detach=True)
        box.reload()
        first = psutil.Process(box.attrs["State"]["Pid"])
        while init and not first.children():  # the init process starts the program
            time.sleep(0.05)
        processes = [first, *first.children()]
        assert len(processes) == 1 + init
        for process in processes:
            folder = Path(f"/proc/{process.pid}/fd")
            assert sorted(path.name for path in folder.iterdir()) == ["0", "1", "2"]
        assert box.exec_run(["cat", "/proc/self/fd/9/secret"]).exit_code == 1
        box.remove(force=True)


def test_a_link_in_place_of_a_state_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/networks.pid").symlink_to(tmp_path / "precious")
    with running(tmp_path), client(tmp_path) as api:
        assert api.ping()
        assert int((tmp_path / "root/networks.pid").read_text())
    assert (tmp_path / "precious").read_text() == "x"
    assert not (tmp_path / "root/networks.pid").is_symlink()


@pytest.fixture
def deep_path(tmp_path: Path) -> Iterator[Path]:
    """A temporary folder for trees so deep that pytest cannot remove them."""
    yield tmp_path
    remove_tree(tmp_path)


def test_deep_folders_are_walked(deep_path: Path, busybox: bytes) -> None:
    """Sizes, diff, cp, export, commit, COPY and volumes of 1,500 folders in each other."""
    with running(deep_path), client(deep_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", DEEP, working_dir="/top", detach=True)
        assert box.wait(timeout=60)["StatusCode"] == 0
        assert len(box.diff()) == 1501
        assert api.api.containers(all=True, size=True)[0]["SizeRw"] == 0
        deepest = "top/" + "d/" * 1500
        for pieces in (box.get_archive("/top")[0], box.export()):
            assert deepest.encode() in b"".join(pieces)
        image = box.commit("deep")
        dockerfile = b"FROM busybox\nCOPY --from=deep /top /copied\n"
        api.images.build(fileobj=io.BytesIO(dockerfile), tag="copied")
        volume = {"deep": {"bind": "/top"}}
        check = ["test", "-d", "/" + deepest]
        api.containers.run("deep", check, volumes=volume, remove=True)
        assert image.id
        box.remove()


def peak_memory(pid: int) -> int:
    """Return the bytes that a process had in memory at most."""
    (line,) = (
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in line
    )
    return int(line.split()[1]) << 10


def bomb(name: str) -> bytes:
    """Return 60 MiB of headers, compressed."""
    folder = tarfile.TarInfo("d")
    folder.type, folder.pax_headers = tarfile.DIRTYPE, {"comment": "A" * 1_000_000}
    link = tarfile.TarInfo("l" + "A" * 1_000_000)
    link.type, link.linkname = tarfile.SYMTYPE, "x"
    unit = {"folders": folder, "links": link}[name].tobuf(tarfile.PAX_FORMAT)
    return gzip.compress(unit * 60 + bytes(1024), 1)


@pytest.mark.parametrize("name", ["folders", "links"])
def test_archives_do_not_fill_memory(tmp_path: Path, name: str) -> None:
    with running(tmp_path) as engine, client(tmp_path) as api:
        before = peak_memory(engine.pid)
        with contextlib.suppress(docker.errors.APIError):
            api.api.import_image_from_data(bomb(name), repository="bomb")
        with contextlib.suppress(docker.errors.APIError, docker.errors.ImageLoadError):
            api.images.load(bomb(name))
        assert peak_memory(engine.pid) - before < 30 << 20


def test_compressed_archives_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    archive = layer(noise=random.Random(1).randbytes(100_000).hex())
    formats = (gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress)
    with running(tmp_path), client(tmp_path) as api:
        for compress in formats:
            with pytest.raises(docker.errors.APIError, match="unexpected end of a"):
                api.api.import_image_from_data(compress(archive)[:-5], repository="cut")
            assert "sha256:" in str(api.api.import_image_from_data(compress(archive)))
