"""What goes wrong around the embedded engine: kills, cut connections, full disks, damaged input.

Each time the error is clear, nothing half written stays, and the same thing works afterwards.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
from docker.errors import APIError, DockerException
from embedded.shared import (
    client,
    connection,
    files_of,
    give_busybox,
    groups_of,
    pids_with,
    processes_with,
    running,
)

MIB = 1 << 20
MANY = 200
AT_ONCE = 8
#: A container that says that it has begun and then does nothing; nobody has to wait for its end.
BUSY = {
    "command": ["sh", "-c", "echo begun; exec sleep 300"],
    "detach": True,
    "stop_signal": "KILL",
}


@pytest.fixture(scope="module")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The image as an archive: it is needed often."""
    folder = tmp_path_factory.mktemp("busybox")
    with running(folder), client(folder) as api:
        give_busybox(folder)
        return b"".join(api.images.get("busybox").save(named=True))


@pytest.fixture
def engine(tmp_path: Path, busybox: bytes) -> Iterator[Path]:
    """The folder of an engine of the test's own, with busybox in it."""
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        yield tmp_path


def kill(process: subprocess.Popen[bytes]) -> None:
    """End an engine as nobody should."""
    process.kill()
    process.wait()


def eventually(is_so: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so, but not for long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- kill -9


def test_a_kill_while_containers_start_and_end_loses_none(tmp_path: Path, busybox: bytes) -> None:
    """What was said to run, runs; what was not, is not there half; all of it can be removed."""
    started: list[str] = []

    def run_some(number: int) -> None:
        with client(tmp_path) as api:
            for _ in range(20):
                ends = {"command": ["sh", "-c", f"echo {number}; exit {number}"], "detach": True}
                box = api.containers.run("busybox", **(ends if number % 2 else BUSY))
                started.append(box.id)

    with running(tmp_path) as process, ThreadPoolExecutor(4) as pool:
        with client(tmp_path) as api:
            api.images.load(busybox)
        attempts = [pool.submit(run_some, number) for number in range(4)]
        eventually(lambda: len(started) > 12)
        kill(process)
        assert all(each.exception() for each in attempts)
    with running(tmp_path), client(tmp_path) as api:
        known = {each.id: each for each in api.containers.list(all=True)}
        assert known.keys() >= set(started)
        for name in started:
            container = known[name]
            if container.attrs["Config"]["Cmd"] == BUSY["command"]:
                assert container.status == "running"
                eventually(lambda c=container: c.logs() == b"begun\n")
            else:
                code = container.wait(timeout=10)["StatusCode"]
                assert container.logs() == f"{code}\n".encode()
        for container in known.values():
            container.remove(force=True)
        assert list((tmp_path / "root/containers").iterdir()) == []
        assert not any(map(groups_of, known))
    eventually(lambda: not processes_with(f"{tmp_path}/root"))


def test_a_kill_during_a_pull_leaves_nothing_and_the_next_one_works(
    tmp_path: Path, registry: Registry
) -> None:
    registry.slow = threading.Event()
    with running(tmp_path) as process, client(tmp_path) as api:
        api.ping()
        empty = files_of(tmp_path)
        pull = f"/images/create?fromImage={registry.name}&tag=latest"
        read_until(tmp_path, b"Downloading", pull)
        assert files_of(tmp_path) > empty
        kill(process)
    registry.slow.set()
    with running(tmp_path), client(tmp_path) as api:
        assert files_of(tmp_path) == empty
        assert api.images.list(all=True) == []
        assert api.images.pull(registry.name).tags == [f"{registry.name}:latest"]


def test_a_kill_during_a_build_leaves_nothing_and_the_next_one_works(
    tmp_path: Path, busybox: bytes
) -> None:
    def context(last: str) -> bytes:
        text = f"FROM busybox\nRUN echo a > /a\nRUN {last} # {tmp_path.name}"
        return archive(("Dockerfile", text.encode()))

    with running(tmp_path) as process, client(tmp_path) as api:
        api.images.load(busybox)
        read_until(tmp_path, rb'"begun\n"', "/build", context("echo begun; sleep 300; true"))
        kill(process)
        assert processes_with(f"# {tmp_path.name}")
    with running(tmp_path), client(tmp_path) as api:
        assert api.containers.list(all=True) == []
        assert not processes_with(f"# {tmp_path.name}")
        assert [
            path for path in files_of(tmp_path) if path.startswith(("tmp", "containers/"))
        ] == []
        _, messages = api.images.build(fileobj=io.BytesIO(context("true")), custom_context=True)
        assert {"stream": " ---> Using cache\n"} in list(messages)


def read_until(folder: Path, words: bytes, path: str, body: bytes = b"") -> None:
    """Post something, and read the answer until it says some words."""
    with connection(folder) as engine:
        engine.request("POST", path, body)
        answer = engine.getresponse()
        assert any(words in line for line in answer), answer.status
        answer.close()


def test_what_serves_the_networks_ends_with_them(tmp_path: Path, busybox: bytes) -> None:
    """The way out lasts for as long as there are networks, whoever is killed."""
    with running(tmp_path) as process, client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", **BUSY).id
        holder = psutil.Process(int((tmp_path / "root/networks.pid").read_text()))
        ways_out = ways_out_of(holder)
        kill(process)
    assert ways_out_of(holder) == ways_out
    with running(tmp_path) as process, client(tmp_path) as api:
        api.containers.run("busybox", "true")
        assert ways_out_of(holder) == ways_out
        api.containers.get(box).remove(force=True)
        kill(process)
    holder.kill()
    eventually(lambda: not processes_with("slirp4netns") or not ways_out_of(holder))


def ways_out_of(holder: psutil.Process) -> list[int]:
    """The slirp4netns that serve a holder of networks."""
    return [
        each.pid
        for each in psutil.process_iter(["name", "cmdline"])
        if each.info["name"] == "slirp4netns" and str(holder.pid) in (each.info["cmdline"] or [])
    ]


def test_many_containers_at_once_leave_nothing(engine: Path) -> None:
    """No process, mount, interface, descriptor or file of 200 that ran."""
    main = min(pids_with(f"{engine}/root"))
    holder = (engine / "root/networks.pid").read_text()

    def left() -> dict[str, Any]:
        return {
            "mounts": {pid: Path(f"/proc/{pid}/mountinfo").read_text() for pid in (main, holder)},
            "interfaces": len(Path(f"/proc/{holder}/net/dev").read_text().splitlines()),
            "processes": len(psutil.Process(main).children(recursive=True)),
            "all": len(pids_with(f"{engine}/root")),
            "files": files_of(engine),
        }

    def run_some(count: int) -> None:
        with client(engine) as api:
            for number in range(count):
                ends = {"command": "true", "detach": True}
                box = api.containers.run("busybox", **(BUSY if number % 4 else ends))
                box.remove(force=True)

    run_some(2)
    time.sleep(1)  # the kernel takes interfaces away in its own time
    before = left()
    descriptors = psutil.Process(main).num_fds()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run_some, [MANY // AT_ONCE] * AT_ONCE))
    with contextlib.suppress(AssertionError):
        eventually(lambda: left() == before)
    assert left() == before  # says what it is
    eventually(lambda: psutil.Process(main).num_fds() <= descriptors + 2)


# --- registries


class Registry:
    """A registry with one image, of one layer, that does as it is told.

    Attributes:
        name: of its repository.
        blobs: their bytes by digest; the manifest is one of them.
        cut_after: how many bytes of a layer it sends at a time; None for all.
        ranges: what it was asked to go on with.
        slow: it waits for this in the middle of a layer.
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
        self.manifest = self.add(json.dumps(self.described(len(packed))).encode())

    def described(self, size: int) -> dict[str, Any]:
        kind = "application/vnd.oci.image"
        return {
            "schemaVersion": 2,
            "mediaType": f"{kind}.manifest.v1+json",
            "config": {"mediaType": f"{kind}.config.v1+json", "digest": self.config, "size": 1},
            "layers": [
                {"mediaType": f"{kind}.layer.v1.tar+gzip", "digest": self.layer, "size": size}
            ],
        }

    def add(self, data: bytes) -> str:
        name = digest_of(data)
        self.blobs[name] = data
        return name

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        name = asked.path.rpartition("/")[2]
        name = self.manifest if name == "latest" else name
        data = self.blobs.get(name)
        if data is None:
            asked.send_error(404)
            return
        first = int((asked.headers.get("Range") or "bytes=0-")[6:-1])
        if first:
            self.ranges.append(first)
        asked.send_response(206 if first else 200)
        asked.send_header("Content-Length", str(len(data) - first))
        asked.end_headers()
        if name != self.layer:
            asked.wfile.write(data)
            return
        middle = first + (self.cut_after or len(data)) // 2
        asked.wfile.write(data[first:middle])
        if self.slow is not None:
            self.slow.wait(20)
        rest = data[middle:] if self.cut_after is None else data[middle : first + self.cut_after]
        asked.wfile.write(rest)


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def archive(*members: tuple[str, bytes]) -> bytes:
    """A tar of files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry whose layer has 8 MiB."""
    with serving(archive(("noise", random.Random(1).randbytes(8 * MIB)))) as found:
        yield found


@contextmanager
def serving(layer: bytes) -> Iterator[Registry]:
    """A registry on the loopback, with an image of this layer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                found.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Registry(f"127.0.0.1:{server.server_port}", layer)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def pulling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An engine without images, which none of the pulls here leaves any in."""
    folder = tmp_path_factory.mktemp("pulling")
    with running(folder):
        yield folder


def refused(folder: Path, name: str) -> str:
    """Why a pull fails; it leaves nothing."""
    before = files_of(folder)
    with client(folder) as api:
        with pytest.raises(APIError) as caught:
            list(map(said, api.api.pull(name, stream=True, decode=True)))
        assert api.images.list(all=True) == []
    assert files_of(folder) == before
    return str(caught.value)


def test_a_pull_goes_on_where_it_was_cut_off(pulling: Path, registry: Registry) -> None:
    registry.cut_after = 3 * MIB // 2
    with client(pulling) as api:
        image = api.images.pull(registry.name)
        assert image.tags == [f"{registry.name}:latest"]
        api.images.remove(registry.name)
    assert registry.ranges == [n * registry.cut_after for n in range(1, 6)]


def test_a_registry_that_always_cuts_is_given_up(pulling: Path, registry: Registry) -> None:
    registry.cut_after = 1000
    assert "the connection to the registry broke" in refused(pulling, registry.name)
    assert len(registry.ranges) < 10


def test_content_of_another_digest_is_refused(pulling: Path, registry: Registry) -> None:
    """Of a manifest, a configuration, a layer, and the files in it."""
    right = dict(registry.blobs)
    other = registry.add(b"{}")
    registry.blobs[registry.layer] = right[registry.layer][:-1] + b"\1"
    expected = f"filesystem layer verification failed for digest {registry.layer}"
    assert refused(pulling, registry.name) == expected
    registry.blobs = right | {registry.config: b"{}"}
    expected = f"image config verification failed for digest {registry.config}"
    assert refused(pulling, registry.name) == expected
    registry.blobs = right | {other: right[registry.manifest]}
    expected = f"manifest verification failed for digest {other}"
    assert expected in refused(pulling, f"{registry.name}@{other}")
    registry.blobs = right
    registry.layer = registry.add(gzip.compress(archive(("other", b"x"))))
    size = len(registry.blobs[registry.layer])
    registry.manifest = registry.add(json.dumps(registry.described(size)).encode())
    assert refused(pulling, registry.name).startswith("layer verification failed: expected diff ID")


@pytest.mark.parametrize(
    "manifest",
    [b"[]", b"{", b'{"schemaVersion": 2}', b'{"schemaVersion": 2, "config": {"digest": "../x"}}'],
)
def test_manifests_that_make_no_sense_are_refused(
    pulling: Path, registry: Registry, manifest: bytes
) -> None:
    registry.manifest = registry.add(manifest)
    assert "manifest" in refused(pulling, registry.name)


# --- full disks and bombs


@pytest.fixture
def small(tmp_path: Path, busybox: bytes) -> Iterator[Path]:
    """An engine whose root is a small disk, in mounts of its own; seen by way of its process."""
    if os.geteuid() != 0:
        pytest.skip("a disk is mounted by root alone")
    (tmp_path / "root").mkdir()
    script = 'mount -t tmpfs -o size=100m tmpfs "$0" && exec "$@"'
    before = ["unshare", "--mount", "sh", "-c", script, f"{tmp_path}/root"]
    with running(tmp_path, *before) as process, client(tmp_path) as api:
        api.images.load(busybox)
        inside = tmp_path / "seen"
        inside.mkdir()
        (inside / "root").symlink_to(f"/proc/{process.pid}/root{tmp_path}/root")
        (inside / "d.sock").symlink_to(tmp_path / "d.sock")
        yield inside


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(small: Path) -> None:
    noise = random.Random(2).randbytes(40 * MIB)
    context = archive(("Dockerfile", b"FROM busybox\nCOPY noise /\n"), ("noise", noise))
    with client(small) as api, serving(archive(("noise", noise))) as registry:
        box = api.containers.run("busybox", **BUSY)
        before = files_of(small)
        attempts: list[Callable[[], object]] = [
            lambda: list(map(said, api.api.pull(registry.name, stream=True, decode=True))),
            lambda: api.images.build(fileobj=io.BytesIO(context), custom_context=True),
            lambda: api.images.load(archive(("blob", 3 * noise))),
            lambda: import_(api, archive(("noise", 3 * noise))),
            lambda: box.put_archive("/", archive(("noise", 3 * noise))),
        ]  # fmt: skip
        for attempt in attempts:
            with pytest.raises(DockerException, match="no space left on device"):
                attempt()
            box.exec_run("rm -f /noise")
            eventually(lambda: files_of(small) == before)
        filler = small / "root/filler"
        fill(filler)
        assert b"no space left on device" in box.exec_run("true").output
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
        eventually(lambda: files_of(small) == before)
        box.remove(force=True)


def fill(path: Path) -> None:
    """Fill a disk with a file."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def import_(api: docker.DockerClient, data: bytes) -> None:
    """Import an archive of files."""
    said(json.loads(api.api.import_image_from_data(data, "imported")))


def said(line: dict[str, Any]) -> None:
    """Raise what a stream of messages tells of an error."""
    if "error" in line:
        raise APIError(line["error"])


def test_bombs_fill_neither_disk_nor_memory(small: Path) -> None:
    """A layer of zeros that packs to a thousandth, and a name that is longer than memory."""
    name = tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    with client(small) as api:
        before = files_of(small)
        with pytest.raises(APIError, match="no space left on device"):
            import_(api, zeros(300 * MIB))
        with pytest.raises(APIError, match="too large"):
            import_(api, name.tobuf(tarfile.GNU_FORMAT))
        time.sleep(1)
        assert files_of(small) == before


def zeros(size: int) -> bytes:
    """A packed archive of a file of zeros."""
    info = tarfile.TarInfo("zeros")
    info.size = size
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(size // MIB):
            file.write(bytes(MIB))
        file.write(bytes(1024))
    return buffer.getvalue()
