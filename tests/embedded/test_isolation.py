"""What containers share with the machine, on engines of every kind: see docs/security.md."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded.kinds import KINDS, engine_of, warnings

from docker_magics import docker


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """An engine that the tests use."""
    with engine_of(request.param, "busybox"):
        yield request.param


def run(options: str, script: str) -> str:
    """Run a script in a container; return its output."""
    line = f"run --rm {options} busybox sh -c {{script}}"
    return str(docker(line, script=f"({script}) 2>&1; true"))


def namespace_of(name: str) -> str:
    """Return the identity of a namespace of this process, which is the engine's."""
    return os.readlink(f"/proc/self/ns/{name}")  # noqa: PTH115 - not a path


@pytest.mark.parametrize("name", ["pid", "net", "ipc", "uts", "mnt"])
def test_namespaces(kind: str, name: str) -> None:
    shares = run("", f"readlink /proc/self/ns/{name}").strip() == namespace_of(name)
    assert shares == (kind == "proot")


def test_processes_of_the_machine_are_not_seen(kind: str) -> None:
    """Two of the shell's script; under proot, those of the machine too."""
    seen = int(run("", "ls -d /proc/[0-9]* 2>/dev/null | wc -l"))
    assert (seen < 6) == (kind != "proot")


def test_files_of_the_machine_are_not_seen(kind: str, tmp_path: Path) -> None:
    """Proot hides them too, but a program can leave proot."""
    assert kind
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("of the machine")
    assert "of the machine" not in run("", f"cat {tmp_path}/file")


def test_root_of_a_container_is_the_engine_s_user(kind: str) -> None:
    inside, outside, _ = run("", "cat /proc/self/uid_map").splitlines()[0].split()
    if kind == "root":
        assert (inside, outside) == ("0", "0")
    elif kind != "proot":
        assert outside != "0"


def test_capabilities(kind: str) -> None:
    effective = int(run("", "grep CapEff /proc/self/status").split()[1], 16)
    assert effective == (0 if kind == "proot" else 0xA80425FB)
    if kind in {"root", "subuid"}:
        assert int(run("-u 1000", "grep CapEff /proc/self/status").split()[1], 16) == 0


def test_kernel_files_are_masked_and_read_only(kind: str) -> None:
    if kind == "proot":
        pytest.skip("proot shows the machine's /proc: see docker info")
    assert run("", "cat /proc/keys /proc/timer_list") == run("", "true")
    assert "Read-only" in run("", "echo 1 > /proc/sys/kernel/panic")
    assert "Read-only" in run("", "mkdir /sys/x")


def test_limits_are_enforced_or_a_warning_says_so(kind: str) -> None:
    warns = "WARNING: No limits" in warnings()
    assert warns == (kind != "root")
    if not warns:
        assert "can't fork" in run("--pids-limit 4", "for i in 1 2 3 4 5; do sleep 1 & done")


def test_info_says_what_is_not_isolated(kind: str) -> None:
    assert ("WARNING: No isolation" in warnings()) == (kind == "proot")
