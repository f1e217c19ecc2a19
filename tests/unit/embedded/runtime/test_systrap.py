"""The systrap driver: the command that it executes, warnings, and the end of processes."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
from unit.embedded.runtime.plain_driver import spec

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import child, init, proc, systrap, unmounted
from docker_magics.embedded.runtime.child import CannotStart
from docker_magics.embedded.runtime.spec import ContainerSpec
from docker_magics.embedded.storage.copy import short_name


@pytest.fixture
def rootfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A container's files; system calls do nothing."""
    files = tmp_path / "c/merged"
    (files / "bin").mkdir(parents=True)
    (files / "etc").mkdir()
    (files / "run").mkdir()
    (files / "var").mkdir()
    (files / "var/run").symlink_to("../run")
    (files / "etc/passwd").write_text("app:x:5:6::/home:/bin/sh\n")
    (files / "bin/tool").touch(0o755)
    monkeypatch.setattr(syscalls, "prctl", lambda *_args: 0)
    return files


def container(rootfs: Path, *args: str, **fields: Any) -> ContainerSpec:
    """Return a container's spec."""
    root = {"merged": str(rootfs), "readonly": fields.pop("readonly", False)}
    return spec(*args, rootfs=root, env=["PATH=/bin"], **fields)


def executed(process: ContainerSpec, patch: pytest.MonkeyPatch) -> list[str]:
    """Return the command that the launcher executes."""

    def stop(_spec: object, _path: str) -> None:
        raise InterruptedError

    patch.setattr(child, "execute_or_exit", stop)
    with pytest.raises(InterruptedError):
        systrap.SystrapLauncher(process).execute()
    return process["args"]


def after(command: list[str], option: str, count: int) -> list[list[str]]:
    """Return the arguments of an option, each time that it is given."""
    return [command[at + 1 : at + 1 + count] for at, word in enumerate(command) if word == option]


def test_the_command(rootfs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "file").touch()
    mounts = [
        {"kind": "bind", "source": f"{tmp_path}/host", "target": "/in", "readonly": False},
        {"kind": "bind", "source": f"{tmp_path}/file", "target": "/etc/hosts", "readonly": True},
        {"kind": "tmpfs", "target": "/var/run/x", "flags": 0, "data": ""},
    ]
    limits = [{"Name": "nofile", "Soft": 9, "Hard": 10}]
    process = container(
        rootfs, "tool", "-v", user="app", cwd="/work/new", mounts=mounts, hostname="box",
        ulimits=limits,
    )  # fmt: skip
    command = executed(process, monkeypatch)
    assert after(command, "--root", 1) == [[str(rootfs)]]
    assert after(command, "--bind", 2) == [
        [f"{rootfs.parent}/memory/%2Fdev%2Fshm", "/dev/shm"],
        [f"{tmp_path}/host", "/in"],
        [f"{rootfs.parent}/memory/%2Fvar%2Frun%2Fx", "/run/x"],  # where the link leads
    ]
    assert after(command, "--bind-ro", 2) == [[f"{tmp_path}/file", "/etc/hosts"]]
    assert after(command, "--ids", 1) == [["5:6"]]
    assert after(command, "--hostname", 1) == [["box"]]
    assert after(command, "--descriptors", 2) == [["9", "10"]]
    assert command[-4:] == ["/work/new", "/bin/tool", "tool", "-v"]
    assert "--read-only" not in command
    assert (rootfs / "work/new").is_dir()
    assert (rootfs / "in").is_dir()
    assert (rootfs / "etc/hosts").stat().st_mode & 0o777 == 0o644


def test_a_read_only_root(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = container(rootfs, "tool", readonly=True)
    assert "--read-only" in executed(process, monkeypatch)


def test_an_init_process_and_devices(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = {"source": "/dev/fuse", "target": "/dev/mine"}
    (rootfs / "sbin").symlink_to("bin")
    command = executed(container(rootfs, "tool", init=True, devices=[device]), monkeypatch)
    assert ["/dev/fuse", "/dev/mine"] in after(command, "--bind", 2)
    assert after(command, "--bind-ro", 2) == [[str(init.PATH), "/bin/docker-init"]]
    assert command[-4:] == ["/sbin/docker-init", "/sbin/docker-init", "--", "tool"]


def test_an_exec_and_privileges(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = container(rootfs, "tool", join=os.getpid(), no_new_privs=True)
    command = executed(process, monkeypatch)
    assert after(command, "--init", 1) == [[str(os.getpid())]]
    assert "--no-new-privileges" in command


def test_what_cannot_start(rootfs: Path) -> None:
    with pytest.raises(CannotStart) as caught:
        systrap.SystrapLauncher(container(rootfs, "missing")).execute()
    assert caught.value.exit_code == 127


@pytest.mark.parametrize(("version", "count"), [(6, 2), (1, 3)])
def test_warnings(monkeypatch: pytest.MonkeyPatch, version: int, count: int) -> None:
    monkeypatch.setattr(syscalls, "landlock_version", lambda: version)
    assert len(systrap.SystrapDriver().warnings) == count


def test_files_without_mounting(rootfs: Path) -> None:
    driver = systrap.SystrapDriver()
    tree = cast("Any", {"rootfs": {"merged": str(rootfs)}, "mounts": []})
    with driver.files(cast("Any", None), rootfs, tree) as root:
        assert root.exists("/bin/tool")
    assert driver.running_root(1) is None


def test_where_it_does_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls, "landlock_version", lambda: 0)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert "no Landlock" in str(systrap.try_here(tmp_path))
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert systrap.try_here(tmp_path) == "not for riscv64"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="systrap is for x86_64")
def test_it_is_tried(tmp_path: Path) -> None:
    if syscalls.landlock_version():
        assert systrap.try_here(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


REST = """
import os, resource, signal, subprocess, sys, time
from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import proc, systrap
rootfs = {"merged": sys.argv[1] + "/root", "readonly": True}
launcher = systrap.SystrapLauncher({"rootfs": rootfs})
launcher.prepare()
init = subprocess.Popen(["sh", "-c", "(sleep 60 & sleep 61 &); read x; exit 3"],
    stdin=subprocess.PIPE)
while len(proc.descendants(os.getpid())) != 3: time.sleep(.01)
launcher.supervise(init.pid)
print(len(systrap.SystrapDriver().processes(init.pid)))
while "[pidfd]" not in subprocess.getoutput(f"ls -l /proc/{os.getpid()}/fd"): time.sleep(.01)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))  # descriptors are short for a while
init.stdin.close()
_, status = os.waitpid(init.pid, 0)
time.sleep(.1)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(launcher.exit_code(status), proc.descendants(os.getpid()))
"""


def test_the_rest_ends_with_the_init_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REST, str(tmp_path)], capture_output=True, text=True, check=True,
        timeout=60, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.stdout == "3\n3 []\n"
    assert list(tmp_path.iterdir()) == []


def test_processes_of_other_containers_are_not_shared() -> None:
    process = spec("x", namespaces={"pid": 7})
    with pytest.raises(CannotStart, match="cannot share the processes of another container"):
        systrap.SystrapLauncher(process).prepare()


def test_the_first_process_ignores_what_it_does_not_handle() -> None:
    launcher = systrap.SystrapLauncher(spec("x"))
    with subprocess.Popen(["sleep", "60"]) as process:
        launcher.signal(process.pid, signal.SIGTERM)
        launcher.signal(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_the_first_process_of_an_exec_is_as_others() -> None:
    launcher = systrap.SystrapLauncher(spec("x", join=1))
    with subprocess.Popen(["sleep", "60"]) as process:
        launcher.signal(process.pid, signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_orphans_are_found_by_their_root(tmp_path: Path) -> None:
    root = tmp_path / "r" / short_name(tmp_path / "c") / "m"
    root.mkdir(parents=True)
    with root.joinpath("file").open("w") as file:
        script = "exec 200<&0; echo; exec sleep 60"
        with subprocess.Popen(
            ["bash", "-c", script], stdin=file, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert systrap.SystrapDriver().orphans(tmp_path / "c") == [process.pid]
            process.kill()
    assert proc.parent(os.getpid()) == os.getppid()


def test_a_folder_that_is_mounted_noexec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: Mock(f_flag=os.ST_NOEXEC))
    reason = unmounted.try_init(tmp_path, lambda folder: [folder])
    assert reason == f"{tmp_path} is mounted noexec; set DOCKER_MAGICS_ROOT to another folder"
