"""The init process of `--init`, run as it is in a container."""

from __future__ import annotations

import fcntl
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import init
from tools import docker_init

EXECUTE = """
import os, sys
from docker_magics.embedded.runtime import init
os.execve(init.create(), init.arguments(sys.argv[1:]), os.environ)
"""


def start(*args: str, **environ: str) -> subprocess.Popen[str]:
    """Start a program below the init process."""
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", EXECUTE, *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | path | environ,
    )  # fmt: skip


def run(*args: str, **environ: str) -> tuple[int, str, str]:
    """Return the exit code and the output of a program below the init process."""
    with start(*args, **environ) as process:
        out, err = process.communicate(timeout=20)
        return process.returncode, out, err


@pytest.mark.parametrize("machine", docker_init.COMPILERS)
def test_the_programs_are_built_from_the_present_source(machine: str) -> None:
    content = docker_init.program(machine).read_bytes()
    assert content.startswith(b"\x7fELF")
    assert content.endswith(docker_init.source_hash()), "run `make init`"


def test_the_copy_cannot_be_changed() -> None:
    path = init.create()
    fd = int(path.rpartition("/")[2])
    assert fcntl.fcntl(fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE
    with pytest.raises(PermissionError), open(fd, "r+b", buffering=0) as file:
        file.write(b"x")
    assert not os.get_inheritable(int(init.create().rpartition("/")[2]))
    source = Path(init.__file__).with_name(f"docker_init.{platform.machine()}")
    assert Path(init.create()).read_bytes() == source.read_bytes()


def test_the_program_runs_below_it_with_its_own_environment() -> None:
    script = "tr '\\0' ' ' < /proc/$PPID/cmdline; cat /proc/$PPID/comm; echo $A; exit 7"
    code, out, err = run("sh", "-c", script, A="1")
    assert (code, err) == (7, "")
    assert out == f"/sbin/docker-init -- sh -c {script} docker-init\n1\n"


def test_it_is_a_process_group_and_signals_are_as_usual() -> None:
    script = "grep -E 'Sig(Blk|Ign)' /proc/self/status; ps -o pgid= -p $$; echo $$"
    _, out, _ = run("bash", "-c", script)
    assert out.split()[1::2][:1] == ["0000000000000000"]
    assert out.split()[-1] == out.split()[-2]


@pytest.mark.parametrize("killer", ["TERM", "KILL", "USR1"])
def test_the_exit_code_after_a_signal(killer: str) -> None:
    assert run("sh", "-c", f"kill -{killer} $$")[0] == 128 + signal.Signals[f"SIG{killer}"]


def test_signals_are_forwarded() -> None:
    script = "trap 'echo got; exit 42' TERM; echo ready; while :; do sleep 0.05; done"
    with start("sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.communicate(timeout=20)[0] == "got\n"
        assert process.returncode == 42


def test_orphans_are_reaped() -> None:
    """As PID 1 of a PID namespace; the last child is the listing itself."""
    command = ["unshare", "-fp", "--mount-proc", *(["-Ur"] if os.geteuid() else [])]
    script = "(true & true & true &); sleep 0.3; ps -o stat= -A | grep -c Z; ps -o pid= -A"
    arguments = [sys.executable, "-c", EXECUTE, "sh", "-c", script]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, timeout=20,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    if "unshare" in done.stderr:
        pytest.skip(f"PID namespaces are needed: {done.stderr}")
    assert done.stdout.split()[:3] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("missing", 127, "No such file or directory"),
        ("/missing", 127, "No such file or directory"),
        ("data", 126, "Permission denied"),
        ("data/x", 1, "Not a directory"),
        ("loop", 1, "Too many levels of symbolic links"),
        ("", 127, "No such file or directory"),
        ("x" * 5000, 127, "No such file or directory"),
        ("/" + "x" * 300, 1, "File name too long"),
    ],
)
def test_errors_are_tinis(tmp_path: Path, name: str, code: int, reason: str) -> None:
    (tmp_path / "data").touch()
    (tmp_path / "loop").symlink_to("loop")
    path = str(tmp_path / name) if name.startswith(("data/", "loop")) else name
    returncode, _, err = run(path, PATH=f"/missing:{tmp_path}:{os.environ['PATH']}")
    assert err.startswith("[FATAL tini (")
    assert (returncode, err.partition(")] ")[2]) == (code, f"exec {path} failed: {reason}\n")


def test_a_script_without_a_first_line_is_the_shells(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo $0 $1 $2")
    script.chmod(0o755)
    assert run("script", "a", "b", PATH=f":{tmp_path}") == (0, f"{script} a b\n", "")


def test_the_path_is_searched_as_by_execvp(tmp_path: Path) -> None:
    (tmp_path / "true").write_text("x")  # not executable: the next one is tried
    assert run("true", PATH=f"{tmp_path}:::/bin:/usr/bin")[0] == 0
    assert run("/bin/sh", "-c", "exit 3", PATH="")[0] == 3
