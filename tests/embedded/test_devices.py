"""The devices that containers can use: those of Docker's list, and those they are given."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from conftest import unavailable
from embedded.kinds import python_of
from embedded.shared import client, running

from tools import engines, images

SECRET = b"HOST-DISK-SECRET"
#: The commands that hide the control groups of devices from an engine, and start it.
WITHOUT_GROUPS = (
    "unshare", "-m", "sh", "-c", 'umount /sys/fs/cgroup/devices && exec "$@"', "sh",
)  # fmt: skip
#: Commands before that of the engine, by whether control groups limit devices.
MACHINES = {"control groups": (), "no control groups": WITHOUT_GROUPS}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can create devices")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of the host with a secret."""
    file = tmp_path_factory.mktemp("disk") / "disk.img"
    file.write_bytes(SECRET + bytes((1 << 20) - len(SECRET)))
    added = subprocess.run(
        ["losetup", "-f", "--show", str(file)], capture_output=True, text=True, check=False
    )
    if added.returncode:
        pytest.skip(f"a loop device is needed: {added.stderr}")
    yield Path(added.stdout.strip())
    subprocess.run(["losetup", "-d", added.stdout.strip()], check=True)


class Boxes:
    """Containers of one engine."""

    def __init__(self, api: Any, *, has_groups: bool) -> None:
        self.api = api
        self.has_groups = has_groups

    def run(self, script: str, **options: Any) -> list[str]:
        """Return the lines that a script prints, and of its errors."""
        command = ["sh", "-c", f"{{ {script}; }} 2>&1; true"]
        output = self.api.containers.run("busybox", command, remove=True, **options)
        return str(output.decode()).splitlines()


@pytest.fixture(scope="module", params=MACHINES)
def boxes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, busybox: bytes
) -> Iterator[Boxes]:
    folder = tmp_path_factory.mktemp("devices")
    has_groups = not MACHINES[request.param]
    if not Path("/sys/fs/cgroup/devices").exists():
        if has_groups:
            pytest.skip("control groups of version 1 with devices are needed")
        unavailable("control groups of version 1 are needed, to hide them")
    with running(folder, *MACHINES[request.param]), client(folder) as api:
        api.images.load(busybox)
        yield Boxes(api, has_groups=has_groups)


def number(device: Path) -> str:
    """Return the numbers of a device, as mknod takes them."""
    status = device.stat()
    kind = "b" if stat.S_ISBLK(status.st_mode) else "c"
    return f"{kind} {os.major(status.st_rdev)} {os.minor(status.st_rdev)}"


OPENED = (
    "head -c 16 /d; [ -b /d ] && printf OVERWRITTEN | dd of=/d conv=notrunc 2>/dev/null"
    " && echo written"
)


def test_a_container_cannot_open_a_disk_of_the_host(boxes: Boxes, disk: Path) -> None:
    made = boxes.run(f"mknod /d {number(disk)} && echo made; {OPENED}")
    assert ("made" in made) == boxes.has_groups, "as with Docker; otherwise without MKNOD"
    assert not any(SECRET.decode() in line or "written" in line for line in made), made
    assert disk.read_bytes()[: len(SECRET)] == SECRET


PLACES = ("/", "/dev/", "/dev/shm/", "/tmp/", "/v/", "/etc/")


@pytest.mark.parametrize("options", [{"cap_add": ["MKNOD"]}, {"cap_add": ["ALL"]}])
def test_nowhere_with_the_capability_either(
    boxes: Boxes, disk: Path, options: dict[str, Any]
) -> None:
    script = "; ".join(f"mknod {place}d {number(disk)}; head -c 16 {place}d" for place in PLACES)
    mounts = {"volumes": {"devices-in-it": {"bind": "/v"}}, "tmpfs": {"/tmp": ""}}
    lines = boxes.run(script, **options, **mounts)
    assert not any(SECRET.decode() in line for line in lines), lines
    assert any("not permitted" in line or "denied" in line for line in lines)
    boxes.api.volumes.get("devices-in-it").remove()


def test_execs_are_as_limited(boxes: Boxes, disk: Path) -> None:
    box = boxes.api.containers.run("busybox", ["sleep", "1000"], detach=True)
    for privileged in (False, *([True] if boxes.has_groups else [])):
        script = f"rm -f /d; mknod /d {number(disk)}; {OPENED}"
        output = box.exec_run(["sh", "-c", script], privileged=privileged).output
        assert SECRET not in output
        assert b"written" not in output
    box.remove(force=True)


def test_the_default_devices_work(boxes: Boxes) -> None:
    script = (
        "echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo x > /dev/full; head -c 4 /dev/random"
        " | wc -c; head -c 5 /dev/urandom | wc -c; cat < /dev/null; echo end"
    )
    assert boxes.run(script) == ["3", "sh: write error: No space left on device", "4", "5", "end"]
    assert boxes.run("tty; echo hello > /dev/tty; stty size", tty=True)[:2] == [
        "/dev/pts/0",
        "hello",
    ]
    box = boxes.api.containers.run("busybox", ["sleep", "1000"], detach=True)
    assert box.exec_run(["sh", "-c", "tty; echo hi > /dev/tty"], tty=True).output.split() == [
        b"/dev/pts/0", b"hi",
    ]  # fmt: skip
    box.remove(force=True)


READ, BOTH = "(exec 3</x) && echo r", "(exec 3<>/x) && echo rw"


def test_a_device_that_is_given_works_as_far_as_it_is_allowed(boxes: Boxes) -> None:
    fuse = Path("/dev/fuse")
    if not fuse.exists():
        pytest.skip("/dev/fuse is needed")
    before = fuse.stat()
    script = f"ln -s /dev/fuse /x; {READ}; {BOTH}; chmod 666 /x; chown 5:5 /x"
    assert boxes.run(script, devices=["/dev/fuse:/dev/fuse:rwm"])[:2] == ["r", "rw"]
    if boxes.has_groups:
        lines = boxes.run(script, devices=["/dev/fuse:/dev/fuse:r"])
        assert lines[0] == "r"
        assert "rw" not in lines
        assert "r" not in boxes.run(script, devices=["/dev/fuse:/dev/fuse:w"])
        rule = ["c 10:229 r"]
        made = f"mknod /x c 10 229; {READ}; {BOTH}"
        assert boxes.run(made, device_cgroup_rules=rule)[0] == "r"
        assert "rw" not in boxes.run(made, device_cgroup_rules=rule)
    after = fuse.stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)


def test_a_given_device_may_have_another_name_and_place(boxes: Boxes, disk: Path) -> None:
    for target in ("/dev/given", "/dev/below/given", "/elsewhere/given"):
        lines = boxes.run(f"head -c 16 {target}", devices=[f"{disk}:{target}:r"])
        assert lines == [SECRET.decode()]
    with pytest.raises(docker.errors.APIError, match="not a device node"):
        boxes.run("true", devices=["/etc/passwd:/dev/x:rwm"])
    with pytest.raises(docker.errors.APIError, match="invalid device cgroup rule format"):
        boxes.run("true", device_cgroup_rules=["b *:*"])


def test_privileged_containers_use_all_devices(boxes: Boxes, disk: Path) -> None:
    lines = boxes.run(f"mknod /d {number(disk)}; head -c 16 /d", privileged=True)
    assert lines == [SECRET.decode()]


def test_the_capabilities_are_dockers_where_devices_are_limited(boxes: Boxes) -> None:
    (line,) = boxes.run("grep CapEff /proc/self/status")
    assert line.split()[1] == ("00000000a80425fb" if boxes.has_groups else "00000000a00425fb")


def test_the_groups_of_devices_cannot_be_written(boxes: Boxes) -> None:
    options: tuple[dict[str, Any], ...] = ({}, {"security_opt": ["writable-cgroups=true"]})
    for more in options:
        script = "echo a > /sys/fs/cgroup/devices/devices.allow && echo written"
        assert "written" not in boxes.run(script, **more)


def test_a_restarted_engine_and_container_keep_the_limits(
    tmp_path: Path, busybox: bytes, disk: Path
) -> None:
    script = f"rm -f /d; mknod /d {number(disk)}; {OPENED}; true"
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(running(tmp_path))
        api = stack.enter_context(client(tmp_path))
        api.images.load(busybox)
        name = api.containers.run("busybox", ["sleep", "1000"], detach=True).id
        engine.kill()
        engine.wait()
        stack.enter_context(running(tmp_path))
        box = stack.enter_context(client(tmp_path)).containers.get(name)
        for _ in range(2):
            output = box.exec_run(["sh", "-c", script]).output
            assert SECRET not in output
            assert b"written" not in output
            box.restart(timeout=0)
        box.remove(force=True)


@pytest.fixture(scope="module", params={"www-data": True, "games": False}.items())
def users_api(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The client of an ordinary user's engine."""
    user, has_ids = request.param
    with (
        python_of(user, has_ids=has_ids) as python,
        engines.embedded(*python) as address,
        contextlib.closing(docker.DockerClient(address, timeout=60)) as api,
    ):
        images.provide(address, "busybox")
        yield api


def test_an_ordinary_users_containers(users_api: Any, disk: Path) -> None:
    """They cannot create devices; those that the user may open can be given to them."""
    boxes = Boxes(users_api, has_groups=False)
    for options in ({}, {"cap_add": ["MKNOD"]}, {"privileged": True}):
        lines = boxes.run(f"mknod /d {number(disk)}; {OPENED}", **options)
        assert not any(SECRET.decode() in line for line in lines)
    assert boxes.run("head -c 3 /dev/nil | wc -c", devices=["/dev/zero:/dev/nil:rwm"]) == ["3"]
    for target in ("/dev/given", "/given"):
        lines = boxes.run(f"head -c 16 {target}", devices=[f"{disk}:{target}:rwm"])
        assert "denied" in lines[0], "root's disk stays root's"
    before = Path("/dev/zero").stat()
    script = (
        "chmod 600 /dev/nil; chown 5:5 /dev/nil; chmod 600 /dev/zero; touch /dev/zero; echo end"
    )
    assert boxes.run(script, devices=["/dev/zero:/dev/nil:rwm"])[-1] == "end"
    after = Path("/dev/zero").stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)
