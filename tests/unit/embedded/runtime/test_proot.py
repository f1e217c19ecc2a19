"""The proot driver: the command that it executes, signals and exit codes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, cast

import pytest
from unit.embedded.runtime.plain_driver import spec

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import child, proc, proot
from docker_magics.embedded.runtime.child import CannotStart
from docker_magics.embedded.runtime.spec import ContainerSpec


@pytest.fixture
def rootfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a container's files; proot is installed and new, and system calls do nothing."""
    files = tmp_path / "c/merged"
    (files / "bin").mkdir(parents=True)
    (files / "etc").mkdir()
    (files / "etc/passwd").write_text("app:x:5:6::/home:/bin/sh\n")
    (files / "bin/tool").write_text("")
    (files / "bin/tool").chmod(0o755)
    (files / "data").touch(0o644)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/proot")
    monkeypatch.setattr(proot, "_has_seccomp_filter", lambda: True)
    monkeypatch.setattr(syscalls, "prctl", lambda *_args: 0)
    return files


def container(rootfs: Path, *args: str, **fields: Any) -> ContainerSpec:
    """Return a container's spec."""
    return spec(*args, rootfs={"merged": str(rootfs)}, env=["PATH=/bin"], **fields)


def executed(process: ContainerSpec, patch: pytest.MonkeyPatch, *environment: str) -> list[str]:
    """Return the command that the launcher executes."""

    def stop(_spec: object, _path: str) -> None:
        raise InterruptedError

    patch.setattr(child, "execute_or_exit", stop)
    with pytest.raises(InterruptedError):
        proot.ProotLauncher(process, environment).execute()
    return process["args"]


def test_the_command(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = [
        {"kind": "bind", "source": "/host", "target": "/in", "readonly": False},
        {"kind": "tmpfs", "target": "/run/x", "flags": 0, "data": ""},
    ]
    process = container(rootfs, "tool", "-v", user="app", cwd="/work/new", mounts=mounts)
    command = executed(process, monkeypatch, proot.WITHOUT_FILTER)
    assert process["env"][-1] == proot.WITHOUT_FILTER
    assert command[0] == "/usr/bin/proot"
    assert {"--change-id=5:6", f"--rootfs={rootfs}", "--bind=/host:/in"} < set(command)
    assert f"--bind={rootfs.parent}/memory/%2Frun%2Fx:/run/x" in command
    assert command[-3:] == ["--cwd=/work/new", "/bin/tool", "-v"]
    assert (rootfs / "work/new").is_dir()
    assert (rootfs.parent / "memory/%2Frun%2Fx").is_dir()


@pytest.mark.parametrize(
    ("command", "own_command", "user"),
    [
        ("setpriv --reuid=app", True, "5:6"),
        ("gosu app", True, "0:0"),
        ("setpriv --reuid=app", False, "0:0"),
    ],
)
def test_an_entrypoint_starts_as_the_user_that_setpriv_would_set(
    rootfs: Path, monkeypatch: pytest.MonkeyPatch, command: str, user: str, *, own_command: bool
) -> None:
    """Under proot, setpriv fails; gosu works."""
    (rootfs / "work").mkdir()
    (rootfs / "work/entry").write_text(f"#!/bin/sh\nexec {command} $@\n")
    (rootfs / "work/entry").chmod(0o755)
    process = container(rootfs, "./entry", cwd="/work", own_command=own_command)
    assert f"--change-id={user}" in executed(process, monkeypatch)


@pytest.mark.parametrize(
    ("program", "fields", "code"),
    [
        ("missing", {}, 127), ("/data", {}, 126), ("/bin", {}, 126), ("tool", {"user": "x"}, 128),
        ("tool", {"cwd": "/data"}, 128), ("tool", {"cwd": "/data/x"}, 128),
    ],
)  # fmt: skip
def test_what_cannot_start(rootfs: Path, program: str, fields: dict[str, Any], code: int) -> None:
    process = container(rootfs, program, **fields)
    with pytest.raises(CannotStart) as caught:
        proot.ProotLauncher(process).execute()
    assert caught.value.exit_code == code


def test_tmpfs_folders_are_emptied_at_each_start(rootfs: Path) -> None:
    (rootfs.parent / "memory/x").mkdir(parents=True)
    proot.ProotLauncher(container(rootfs, "tool")).prepare()
    assert not (rootfs.parent / "memory").exists()


def test_files_without_mounting(rootfs: Path) -> None:
    driver = proot.ProotDriver()
    tree = cast("Any", {"rootfs": {"merged": str(rootfs)}, "mounts": []})
    with driver.files(cast("Any", None), rootfs, tree) as root:
        assert root.exists("/bin/tool")
    assert driver.running_root(1) is None
    assert any("No isolation" in warning for warning in driver.warnings)


def test_a_proot_whose_filter_fails_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works if its filter is off, and containers then start without it."""
    program = tmp_path / "proot"
    program.write_text('#!/bin/sh\n[ "$PROOT_NO_SECCOMP" ] && exit 127\nexit 182\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert proot.try_here(tmp_path, ()) == "it exits with 182"
    assert proot.try_here(tmp_path, (proot.WITHOUT_FILTER,)) is None
    monkeypatch.setenv("PATH", "/none")
    assert proot.try_here(tmp_path, ()) == "not installed"


def test_an_old_proot_is_reported(rootfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rootfs.exists()
    monkeypatch.setattr(proot, "_has_seccomp_filter", lambda: False)
    assert any("old and slow" in warning for warning in proot.ProotDriver().warnings)


def test_signals_and_exit_codes(rootfs: Path) -> None:
    launcher = proot.ProotLauncher(container(rootfs, "tool"))
    assert launcher.exit_code(255 << 8) == 255
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait; exit 255"]) as process:
        while not proc.children(process.pid):
            time.sleep(0.01)
        launcher.signal(process.pid, signal.SIGTERM)
        assert process.wait() == 255
    assert launcher.exit_code(255 << 8) == 128 + signal.SIGTERM
    assert launcher.exit_code(3 << 8) == 3


def test_the_rest_ends_with_the_init_process() -> None:
    """What stands for proot waits for both of its children; the first one is the init process."""
    script = "sleep 0.3 & sleep 60 & wait"
    with subprocess.Popen(["sh", "-c", script]) as process:
        while len(proc.children(process.pid)) < 2:
            time.sleep(0.01)
        proot.kill_on_init_exit(process.pid)
        assert process.wait(10) == 0
    proot.kill_on_init_exit(process.pid)  # it has ended: nothing to do
