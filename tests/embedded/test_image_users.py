"""Images with hostile /etc/passwd and /etc/group, and starts that hang, as root and as a user."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from embedded.kinds import python_of
from embedded.shared import client, load_busybox, running

from docker_magics.embedded import syscalls
from tools import engines, images

USERS = {"root": False, "www-data": True, "games": False}


@pytest.fixture(scope="module", params=USERS)
def api(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The client of an engine with busybox."""
    user = request.param
    with (
        python_of(user, has_ids=USERS[user]) as python,
        engines.embedded(*python) as address,
        contextlib.closing(docker.DockerClient(address, timeout=30)) as api,
    ):
        images.provide(address, "busybox")
        yield api


#: Prints the IDs of user and group without a look into the files, as `id` does.
IDS = ["stat", "-Lc", "%u %g", "/proc/self"]
#: What /etc/passwd and /etc/group of an image are.
HOSTILE = {
    "a pipe": "mkfifo {}",
    "a link to an endless device": "ln -s /dev/zero {}",
    "a link to a file of the kernel that blocks": "ln -s /proc/kmsg {}",
    "a link to a terminal": "ln -s /dev/ptmx {}",
    "a folder": "mkdir {}",
    "much text": "yes a:b:c:d:e:f:g | head -c 8000000 > {}",
    "one long line": "head -c 8000000 /dev/zero | tr '\\0' : > {}",
    "numbers without end": "printf 'root:x:%05000d:0:r:/root:/bin/sh\\n' 7 > {}",
}


def build(api: Any, *lines: str) -> Any:
    """Build an image of busybox and return it."""
    text = "\n".join(["FROM busybox", *lines]).encode()
    return api.images.build(fileobj=io.BytesIO(text), rm=True)[0]


@pytest.fixture(params=HOSTILE)
def hostile(api: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An image whose files of users are hostile."""
    file = HOSTILE[request.param]
    paths = ("/etc/passwd", "/etc/group")
    steps = [f"rm -rf {path}; {file.replace('{}', path)}" for path in paths]
    box = api.containers.run("busybox", ["sh", "-c", "\n".join(steps)], detach=True)
    assert box.wait(timeout=30)["StatusCode"] == 0, box.logs()
    image = box.commit("hostile")
    box.remove()
    yield image
    with contextlib.suppress(docker.errors.APIError):  # images that a test built of it
        api.images.remove(image.id, force=True)


def test_numbers_work_and_names_are_unknown(api: Any, hostile: Any) -> None:
    box = api.containers.run(
        hostile, ["sleep", "1000"], user="7:8", detach=True, init=True, mem_limit="60m"
    )
    assert box.exec_run(IDS).output == b"7 8\n"
    assert box.exec_run(IDS, user="9").output == b"9 0\n"
    assert "no matching entries in passwd" in str(box.exec_run(["true"], user="mallory").output)
    box.remove(force=True)
    with pytest.raises(docker.errors.APIError, match="no matching entries in passwd file"):
        api.containers.run(hostile, ["true"], user="mallory", remove=True)
    with pytest.raises(docker.errors.APIError, match="no matching entries in group file"):
        api.containers.run(hostile, ["true"], group_add=["mallory"], remove=True)


#: Name -> content of a build context.
CONTEXT = {
    "Dockerfile": (
        "FROM hostile\nCOPY --chown=5:6 file /\nUSER 3\nRUN stat -Lc %u /proc/self > /tmp/id\n"
    ),
    "Named": "FROM hostile\nCOPY --chown=mallory file /\n",
    "User": "FROM hostile\nUSER mallory\nRUN true\n",
    "file": "x",
}


@pytest.mark.parametrize("hostile", ["a pipe", "a link to an endless device"], indirect=True)
def test_builds_and_copies(api: Any, hostile: Any) -> None:
    hostile.tag("hostile")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in CONTEXT.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o644
            tar.addfile(info, io.BytesIO(text.encode()))
    options = {"custom_context": True, "rm": True}
    image, _ = api.images.build(fileobj=io.BytesIO(archive.getvalue()), **options)
    script = ["sh", "-c", "cat /tmp/id; stat -c %u:%g /file"]
    output = api.containers.run(image, script, remove=True)
    assert output in {b"3\n5:6\n", b"3\n3:0\n"}, "with a single ID, all files are the user's"
    for name in ("Named", "User"):
        with pytest.raises((docker.errors.BuildError, docker.errors.APIError), match="mallory"):
            api.images.build(fileobj=io.BytesIO(archive.getvalue()), dockerfile=name, **options)
    box = api.containers.create(hostile, ["true"], user="mallory")
    with contextlib.suppress(docker.errors.APIError):
        box.put_archive("/tmp", archive.getvalue())
    box.remove()


def test_a_number_is_not_the_user_of_that_name(api: Any) -> None:
    image = build(api, "RUN echo 1000:x:0:0:root:/root:/bin/sh >> /etc/passwd")
    assert api.containers.run(image, IDS, user="1000", remove=True) == b"1000 0\n"
    api.images.remove(image.id, force=True)


@pytest.fixture
def dead_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a mount `dead` in it, whose file system answers nothing."""
    if os.geteuid() != 0 or not Path("/dev/fuse").exists():
        pytest.skip("root and /dev/fuse are needed for a file system that hangs")
    folder = tmp_path / "with-mount"
    (folder / "dead").mkdir(parents=True)
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0"
    syscalls.mount("dead", str(folder / "dead"), "fuse", 0, options)
    try:
        yield folder
    finally:
        os.close(fd)  # all that waits for it fails
        syscalls.unmount(str(folder / "dead"))


@pytest.mark.parametrize("how", ["stop", "kill", "remove"])
def test_a_start_that_hangs_can_be_stopped(tmp_path: Path, dead_folder: Path, how: str) -> None:
    with running(tmp_path), client(tmp_path) as api:
        load_busybox(tmp_path)
        box = api.containers.create(
            "busybox", ["program"], environment={"PATH": "/v/dead:/bin"},
            volumes=[f"{dead_folder}:/v"],
        )  # fmt: skip
        starter = threading.Thread(target=_start, args=(tmp_path, box.id), daemon=True)
        starter.start()
        time.sleep(4)  # its program is being looked up by now, on a busy machine too
        assert api.containers.list(all=True), "others are answered meanwhile"
        {"stop": box.stop, "kill": box.kill, "remove": lambda: box.remove(force=True)}[how]()
        starter.join(10)
        assert not starter.is_alive()
        if how != "remove":
            assert box.wait(timeout=10)["StatusCode"] == 137
            box.remove()
        assert api.containers.list(all=True) == []


def _start(folder: Path, container: str) -> None:
    with contextlib.suppress(docker.errors.APIError), client(folder) as api:
        api.api.start(container)
