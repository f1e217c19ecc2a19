"""Mounts of hostile images and volumes, for root and for ordinary users."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from embedded.kinds import python_of
from embedded.mounting import (
    HIDE_NEW_CALLS,
    bound,
    image,
    of_dev,
    part,
    refusal,
    run,
    swapped,
)
from embedded.shared import client, running

from tools import daemons, engines

#: Users -> whether they have a range of subordinate IDs; None for the user of the tests.
USERS = {"own": None, "www-data": True, "games": False}
_CORE = Path("/proc/sys/kernel/core_pattern")


@pytest.fixture(scope="module", params=USERS)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a user's engine."""
    with contextlib.ExitStack() as stack:
        python: tuple[str, ...] = ()
        has_ids = USERS[request.param]
        if has_ids is not None:
            python = stack.enter_context(python_of(request.param, has_ids=has_ids))
        yield stack.enter_context(engines.embedded(*python))


@pytest.fixture(scope="module")
def api(address: str, busybox: bytes) -> Iterator[docker.DockerClient]:
    """Connect to an engine that has busybox."""
    with contextlib.closing(docker.DockerClient(address)) as connected:
        connected.images.load(busybox)
        yield connected


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that all users may write to."""
    with daemons.private_folder("mounts") as path:
        path.chmod(0o777)
        yield path


# --- what an image may not redirect


def test_the_null_device_of_an_image_is_not_used(api: docker.DockerClient, busybox: bytes) -> None:
    """CVE-2025-31133: /proc/keys was core_pattern, and writable."""
    for number, target in enumerate((str(_CORE), "/etc/passwd", "/dev/zero", "/missing")):
        name = image(api, busybox, f"null{number}", {"dev/null": target})
        assert "can't mask paths: " in refusal(api, name, volumes=["/dev"])
        assert run(api, name, "stat -c %t:%T /proc/keys /dev/null") == "1:3\n1:3\n"


def test_sysctls_are_not_redirected(api: docker.DockerClient, busybox: bytes) -> None:
    """CVE-2025-52881: the value of a sysctl was written to a file of the image's choice."""
    sysctl = "net.ipv4.ip_unprivileged_port_start"
    path = f"/proc/sys/{sysctl.replace('.', '/')}"
    name = image(api, busybox, "sysctl", {path.lstrip("/"): str(_CORE)})
    before = _CORE.read_text()
    for sysctls in ({}, {sysctl: "77"}):
        message = refusal(api, name, volumes=["/proc/sys/net"], sysctls=sysctls)
        assert "is inside /proc" in message
    assert _CORE.read_text() == before
    assert run(api, name, f"cat {path}") == "0\n"
    assert run(api, name, f"cat {path}", sysctls={sysctl: "77"}) == "77\n"
    assert "no such file" in refusal(api, name, sysctls={"net.ipv4.none": "1"})


LINKS = {
    "proc2": "/proc", "sys2": "proc/sys", "a/up": "../../../proc/self", "self": "/proc/self/root",
    "top": "/", "core": str(_CORE), "again": "/sys2/kernel", "loop": "loop",
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/proc", "because it is not of type proc"),
        ("/proc2", "because it is not of type proc"),
        ("/proc/sys/net", '"/proc/sys/net" cannot be mounted because it is inside /proc'),
        ("/proc/1", "because it is inside /proc"),
        ("/proc/self/attr", "because it is inside /proc"),
        ("/proc/self/root/etc", "too many levels of symbolic links"),
        ("/self/etc", "too many levels of symbolic links"),
        ("/sys2", '"/proc/sys" cannot be mounted because it is inside /proc'),
        ("/sys2/net", "because it is inside /proc"),
        ("/again", '"/proc/sys/kernel" cannot be mounted because it is inside /proc'),
        ("/a/up", "because it is inside /proc"),
        ("/top", 'mountpoint "/top" is on the top of rootfs'),
        ("/core/x", "not a directory"),
        ("/loop", "too many levels of symbolic links"),
        ("/proc/new", "no such file or directory"),
    ],
)
def test_targets_inside_proc(
    api: docker.DockerClient, busybox: bytes, target: str, reason: str
) -> None:
    name = image(api, busybox, "links", LINKS)
    assert reason in refusal(api, name, volumes=[target])
    assert reason in refusal(api, name, **bound("/tmp", target, "ro"))
    assert reason in refusal(api, name, tmpfs={target: ""})


def test_files_and_devices_inside_proc(api: docker.DockerClient, busybox: bytes) -> None:
    name = image(api, busybox, "links", LINKS)
    for target in ("/core", "/proc/version", "/proc/keys", "/proc/self/mem"):
        assert "because it is inside /proc" in refusal(api, name, **bound("/etc/hosts", target))
        assert "because it is inside /proc" in refusal(
            api, name, devices=[f"/dev/zero:{target}:rwm"]
        )


def test_files_that_lxcfs_emulates(api: docker.DockerClient, folder: Path) -> None:
    names = ("cpuinfo", "meminfo", "uptime", "stat", "loadavg", "swaps", "diskstats")
    (folder / "fake").write_text("fake\n")
    volumes = [f"{folder}/fake:/proc/{name}:ro" for name in names]
    script = f"cd /proc; cat {' '.join(names)}; grep -c ' /proc/sys proc ro' /proc/mounts"
    assert run(api, "busybox", script, volumes=volumes) == "fake\n" * len(names) + "1\n"


def test_the_files_of_etc(api: docker.DockerClient, busybox: bytes) -> None:
    """A volume may have links where the engine mounts files."""
    name = image(api, busybox, "etc", {"data/hosts": str(_CORE), "more/hosts": "/run/new/hosts"})
    before = _CORE.read_text()
    api.volumes.create("etc")
    run(api, name, "true", volumes=["etc:/data"])
    assert f'"{_CORE}" cannot be mounted because it is inside /proc' in refusal(
        api, name, volumes=["etc:/etc"]
    )
    api.volumes.create("etc2")
    run(api, name, "true", volumes=["etc2:/more"])
    script = "readlink /etc/hosts; grep -c localhost /run/new/hosts"
    assert run(api, name, script, volumes=["etc2:/etc"]) == "/run/new/hosts\n2\n"
    assert _CORE.read_text() == before


def test_a_volume_at_a_link_to_a_folder(api: docker.DockerClient, busybox: bytes) -> None:
    name = image(api, busybox, "linked", {"data": "/real/folder", "real/folder/x": "y"})
    assert run(api, name, "ls -A /data /real/folder", volumes=["/data"]) == (
        "/data:\nx\n\n/real/folder:\nx\n"
    )


# --- the user's own /proc, /sys and /dev


def test_binds_of_the_hosts_proc_sys_and_dev(api: docker.DockerClient) -> None:
    script = (
        "stat -c %t:%T /proc/keys; grep -c ' /proc/sys proc ro' /proc/mounts; echo x > /dev/null"
    )
    assert run(api, "busybox", script, **bound("/proc", "/proc")) == "1:3\n1\n"
    script = "ls /sys/firmware; ls -d /sys/kernel"
    assert run(api, "busybox", script, **bound("/sys", "/sys")) == "/sys/kernel\n"
    assert run(api, "busybox", "tty", **bound("/dev", "/dev"), tty=True).startswith("/dev/pts/")


def test_a_folder_at_dev(api: docker.DockerClient, folder: Path) -> None:
    assert "can't mask paths: open /dev/null: no such file" in refusal(
        api, "busybox", **bound(folder, "/dev")
    )
    options = {"volumes": [f"{folder}:/dev", "/dev/null:/dev/null"]}
    script = "touch /dev/x; ls /dev; stat -c %t:%T /proc/keys"
    assert run(api, "busybox", script, **options, devices=["/dev/zero"]) == "null\nx\n1:3\n"
    assert sorted(path.name for path in folder.iterdir()) == ["null", "x"]
    os.mkfifo(folder / "ptmx")
    assert "/dev/ptmx" in refusal(api, "busybox", **options, tty=True)
    script = "echo > /dev/null && ls -d /dev/shm"
    assert run(api, "busybox", script, tmpfs={"/dev": ""}) == "/dev/shm\n"


def test_folders_inside_dev_and_sys(api: docker.DockerClient, folder: Path) -> None:
    (folder / "here").touch()
    for target in ("/dev/shm", "/dev/new/folder", "/sys/fs/cgroup"):
        assert run(api, "busybox", f"ls {target}", **bound(folder, target)) == "here\n"
    assert run(api, "busybox", "ls /sys/firmware", **bound(folder, "/sys/firmware")) == ""


# --- parts of volumes, and what other containers do meanwhile


def test_a_part_of_a_volume_that_is_swapped(api: docker.DockerClient, folder: Path) -> None:
    (folder / "secret").write_text("of the host")
    run(api, "busybox", "mkdir -p /v/sub; touch /v/sub/good", volumes=["swapped:/v"])
    volume = Path(api.volumes.get("swapped").attrs["Mountpoint"])
    (volume / "link").symlink_to(folder)
    outputs = set()
    with swapped(volume / "sub", volume / "link"):
        for _ in range(25):
            try:
                outputs.add(run(api, "busybox", "ls /m; touch /m/new", **part("swapped", "sub")))
            except docker.errors.APIError as error:
                outputs.add(str(error.explanation).partition(":")[0])
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert outputs & {"good\n", "good\nnew\n"}
    assert all("good" in output or len(output.splitlines()) == 1 for output in outputs)


def test_a_target_that_is_swapped(api: docker.DockerClient) -> None:
    """It is mounted at the folder or refused, never inside /proc, and never writable."""
    run(api, "busybox", "mkdir -p /v/sub; ln -s /proc/sys /v/link", volumes=["target:/v"])
    volume = Path(api.volumes.get("target").attrs["Mountpoint"])
    script = "grep -E ' (/v/|/proc/.*(ext|over|btrfs|xfs))' /proc/mounts"
    places = set()
    with swapped(volume / "sub", volume / "link"):
        for _ in range(25):
            volumes = ["target:/v", "other:/v/sub:ro"]
            with contextlib.suppress(docker.errors.APIError):
                for line in run(api, "busybox", f"{script} || true", volumes=volumes).splitlines():
                    _, place, _, options, *_ = line.split()
                    places.add((place.split("/")[1], options.split(",")[0]))
    assert places == {("v", "ro")}


def test_parts_of_volumes(api: docker.DockerClient) -> None:
    script = "cd /v; mkdir -p a/b; echo x > a/file; ln -s a in; ln -s / out; ln -s ../.. a/up"
    run(api, "busybox", script, volumes=["parts:/v"])
    assert run(api, "busybox", "ls /m", **part("parts", "in/b/..")) == "b\nfile\nup\n"
    assert run(api, "busybox", "cat /m", **part("parts", "in/file")) == "x\n"
    script = "touch /m/x 2>&1"
    with pytest.raises(docker.errors.ContainerError):
        run(api, "busybox", script, **part("parts", "a/b", read_only=True))
    for subpath in ("out", "out/etc", "a/up"):
        assert "path concatenation escapes the base directory" in refusal(
            api, "busybox", **part("parts", subpath)
        )
    for subpath in ("..", "/etc", "a/../../x"):
        assert "subpath must be a relative path within the volume" in refusal(
            api, "busybox", **part("parts", subpath)
        )
    assert "cannot access path" in refusal(api, "busybox", **part("parts", "none"))


def test_files_are_copied_to_the_part_of_a_volume(api: docker.DockerClient, busybox: bytes) -> None:
    name = image(api, busybox, "full", {"m/x": "y"})
    run(api, "busybox", "mkdir /v/sub", volumes=["copied:/v"])
    assert run(api, name, "ls -A /m", **part("copied", "sub")) == "x\n"
    assert (
        run(api, "busybox", "ls -A /v /v/sub", volumes=["copied:/v"]) == "/v:\nsub\n\n/v/sub:\nx\n"
    )
    assert run(api, name, "ls -A /m", **part("copied", "sub", no_copy=True)) == "x\n"


# --- read-only, recursively


_WRITE = "touch /s/shm/docker-magics-test 2>/dev/null && rm /s/shm/docker-magics-test && echo yes"


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("options", "written"),
    [({}, ""), ({"ReadOnlyForceRecursive": True}, ""), ({"ReadOnlyNonRecursive": True}, "yes\n")],
)
def test_read_only_binds(
    api: docker.DockerClient, options: dict[str, Any], written: str, *, read_only: bool
) -> None:
    script = f"{_WRITE}; touch /s/x 2>/dev/null || echo no"
    output = run(api, "busybox", script, **of_dev(**options), read_only=read_only)
    assert output == f"{written}no\n"
    if not options:
        assert (
            run(api, "busybox", script, **bound("/dev", "/s", "ro"), read_only=read_only) == "no\n"
        )


def test_binds_without_the_mounts_below(api: docker.DockerClient, request: Any) -> None:
    options = of_dev(NonRecursive=True)
    if "own" in request.node.name and os.geteuid() == 0:
        assert run(api, "busybox", "grep -c ' /s[ /]' /proc/mounts", **options) == "1\n"
    else:  # the kernel does not let ordinary users uncover what is below a mount
        assert "invalid argument" in refusal(api, "busybox", **options)


def test_contradictory_options(api: docker.DockerClient) -> None:
    options = of_dev(ReadOnlyNonRecursive=True)
    options["mounts"][0]["ReadOnly"] = False
    assert "mount options conflict: !ReadOnly" in refusal(api, "busybox", **options)
    both = of_dev(ReadOnlyNonRecursive=True, ReadOnlyForceRecursive=True)
    assert "mount options conflict: ReadOnlyNonRecursive" in refusal(api, "busybox", **both)


def test_older_clients(api: docker.DockerClient, address: str) -> None:
    """Before API 1.44, read-only binds were not recursively read-only."""
    assert api.ping()
    with contextlib.closing(docker.DockerClient(address, version="1.43")) as old:
        script = f"{_WRITE}; true"
        assert run(old, "busybox", script, **bound("/dev", "/s", "ro")) == "yes\n"
        options = of_dev(ReadOnlyForceRecursive=True)
        message = "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer"
        assert message in refusal(old, "busybox", **options)


def test_targets_below_a_read_only_bind(api: docker.DockerClient, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub").chmod(0o777)
    volumes = [f"{folder}:/r:ro", "below:/r/sub"]
    script = "touch /r/sub/x && ls /r/sub; touch /r/x 2>/dev/null || echo no"
    assert run(api, "busybox", script, volumes=volumes) == "x\nno\n"
    assert list((folder / "sub").iterdir()) == []
    assert 'make mountpoint "/r/new": read-only file system' in refusal(
        api, "busybox", volumes=[f"{folder}:/r:ro", "below:/r/new"]
    )


def test_a_missing_source_is_created_if_the_mount_allows_it(
    api: docker.DockerClient, folder: Path
) -> None:
    mount = docker.types.Mount("/n", str(folder / "a/b"), type="bind")
    assert "bind source path does not exist" in refusal(api, "busybox", mounts=[mount])
    mount["BindOptions"] = {"CreateMountpoint": True}
    assert run(api, "busybox", "ls -d /n", mounts=[mount]) == "/n\n"
    assert (folder / "a/b").is_dir()


def test_long_paths(api: docker.DockerClient) -> None:
    deep = "/" + "/".join("d" * 200 for _ in range(19))
    assert run(api, "busybox", f"ls -d {deep}", volumes=[deep]) == f"{deep}\n"
    for target in (f"/{'n' * 256}", "/x" * 2100):
        assert "file name too long" in refusal(api, "busybox", **bound("/tmp", target))


# --- old kernels, and sandboxes that hide new system calls


def test_kernels_without_new_calls(tmp_path: Path, busybox: bytes) -> None:
    hidden = (sys.executable, "-c", HIDE_NEW_CALLS)
    with running(tmp_path, *hidden), client(tmp_path) as api:
        api.images.load(busybox)
        name = image(api, busybox, "links", LINKS)
        for target in ("/proc", "/again", "/proc/keys", "/a/up"):
            assert "cannot be mounted because it is" in refusal(api, name, volumes=[target])
        script = "touch /s/x 2>/dev/null || echo no; stat -c %t:%T /proc/keys"
        script += "; grep -c ' /proc/sys proc ro' /proc/mounts"
        assert run(api, "busybox", script, **bound("/dev", "/s", "ro")) == "no\n1:3\n1\n"
        sysctls = {"net.ipv4.ip_unprivileged_port_start": "9"}
        script = "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"
        assert run(api, "busybox", script, sysctls=sysctls) == "9\n"
        run(api, "busybox", "mkdir -p /v/a/b; ln -s a /v/in", volumes=["parts:/v"])
        assert run(api, "busybox", "ls /m", **part("parts", "a")) == "b\n"
        assert "cannot access path" in refusal(api, "busybox", **part("parts", "in"))
        force = of_dev(ReadOnlyForceRecursive=True)
        assert "rro is not supported" in refusal(api, "busybox", **force)
