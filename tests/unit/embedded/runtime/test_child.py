"""The steps before a container's program: look-up, user, limits, and their errors."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import capabilities, child, id_mapping, seccomp
from docker_magics.embedded.runtime.child import CannotStart
from docker_magics.embedded.runtime.spec import ProcessSpec

#: A filter, as it is in a spec: the base64 of "program".
FILTER = {"program": "cHJvZ3JhbQ==", "flags": 4}


def process(*args: str, **fields: Any) -> ProcessSpec:
    """Return a process's spec."""
    spec = {
        "args": list(args) or ["sh"], "env": [], "cwd": "/", "user": "", "groups": [], "tty": False,
        "stdin": False, "stdin_once": False, "size": None, "caps": [], "no_new_privs": False,
        "seccomp": None, "privileged": False, "ulimits": [],
    }  # fmt: skip
    return cast("ProcessSpec", spec | fields)


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """Return a folder with a program, a file that is not executable, and a folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "program").write_text("#!/bin/sh\n")
    (folder / "program").chmod(0o755)
    (folder / "data").write_text("x")
    (folder / "data").chmod(0o644)
    (folder / "folder").mkdir()
    return folder


def find(spec: ProcessSpec) -> str:
    """Find the program of a spec."""
    return child.find_program(spec, child.may_execute)


def test_a_program_is_found_in_the_containers_path(bin_folder: Path) -> None:
    spec = process("program", env=[f"PATH=/missing:{bin_folder}:/bin"])
    assert find(spec) == str(bin_folder / "program")


def test_the_first_folder_wins(bin_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    other = tmp_path / "first/program"
    other.write_text("")
    other.chmod(0o755)
    assert find(process("program", env=[f"PATH={other.parent}:{bin_folder}"])) == str(other)
    other.chmod(0o644)
    expected = str(bin_folder / "program")
    assert find(process("program", env=[f"PATH={other.parent}:{bin_folder}"])) == expected


def test_an_empty_folder_of_the_path_is_the_working_folder(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bin_folder)
    assert find(process("program", env=["PATH=:/bin"])) == "./program"


def test_the_path_has_a_default() -> None:
    assert find(process("sh")) in {"/usr/bin/sh", "/bin/sh"}


@pytest.mark.parametrize("name", ["missing", "data", "folder"])
def test_programs_that_are_not_in_the_path(bin_folder: Path, name: str) -> None:
    with pytest.raises(CannotStart) as caught:
        find(process(name, env=[f"PATH={bin_folder}"]))
    assert caught.value.exit_code == 127
    assert str(caught.value) == f'exec: "{name}": executable file not found in $PATH'


@pytest.mark.parametrize(
    ("name", "exit_code", "message"),
    [
        ("missing", 127, "stat {path}: no such file or directory"),
        ("data/x", 127, "stat {path}: not a directory"),
        ("data", 126, "permission denied"),
        ("folder", 126, "permission denied"),
        ("a" * 300, 126, "stat {path}: file name too long"),
    ],
)
def test_paths_that_cannot_be_executed(
    bin_folder: Path, name: str, exit_code: int, message: str
) -> None:
    path = str(bin_folder / name)
    with pytest.raises(CannotStart) as caught:
        find(process(path))
    assert caught.value.exit_code == exit_code
    assert str(caught.value) == f'exec: "{path}": {message.format(path=path)}'


def read(path: str) -> str:
    """Read a file of a container with one user."""
    return "app:x:5:5::/home/app:/bin/sh\n" if path == "/etc/passwd" else ""


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        (["A=1"], ["A=1", "HOME=/home/app"]),
        (["HOME=", "A=1"], ["A=1", "HOME=/home/app"]),
        (["HOME=/mine"], ["HOME=/mine"]),
    ],
)
def test_home_is_set_if_it_is_empty(env: list[str], expected: list[str]) -> None:
    spec = process(user="app", env=env)
    assert child.user_of(spec, read).uid == 5
    assert spec["env"] == expected


def test_an_unknown_user() -> None:
    with pytest.raises(CannotStart, match="unable to find user nobody") as caught:
        child.user_of(process(user="nobody"), read)
    assert caught.value.exit_code == 128


@pytest.mark.parametrize(
    ("error", "made", "exit_code", "message"),
    [
        (FileNotFoundError(2, ""), False, 126,
         'chdir to cwd ("/x") set in config.json failed: no such file or directory'),
        (NotADirectoryError(20, ""), False, 126,
         'chdir to cwd ("/x") set in config.json failed: not a directory'),
        (NotADirectoryError(20, ""), True, 128, "Cannot mkdir: /x is not a directory"),
        (FileExistsError(17, ""), True, 128, "Cannot mkdir: /x is not a directory"),
        (PermissionError(13, ""), True, 126,
         'chdir to cwd ("/x") set in config.json failed: permission denied'),
    ],
)  # fmt: skip
def test_errors_of_the_working_folder(
    error: OSError, exit_code: int, message: str, *, made: bool
) -> None:
    failure = child.working_folder_error("/x", error, made=made)
    assert (failure.exit_code, str(failure)) == (exit_code, message)


class Kernel:
    """Records the system calls by which a process drops privileges."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[Any, ...]] = []
        for module, name in (
            (os, "setgroups"), (os, "setresgid"), (os, "setresuid"), (os, "chdir"),
            (resource, "setrlimit"), (syscalls, "prctl"), (syscalls, "install_filter"),
            (capabilities, "keep_only"), (capabilities, "drop_others"), (id_mapping, "appear_as"),
        ):  # fmt: skip
            patch.setattr(module, name, self._recorder(name))
        patch.setattr(child, "_read", read)

    def _recorder(self, name: str) -> Any:
        return lambda *args: self.calls.append((name, *args))

    def names(self) -> list[str]:
        """Return the names of the calls in their order."""
        return [call[0] for call in self.calls]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """Return a kernel that records calls."""
    return Kernel(monkeypatch)


def test_privileges_are_dropped_in_order(kernel: Kernel) -> None:
    ulimits = [{"Name": "nofile", "Soft": 5, "Hard": 6}, {"Name": "no_such", "Soft": 1, "Hard": 1}]
    spec = process(
        user="app", groups=["7"], cwd="", caps=["KILL"], seccomp=FILTER, no_new_privs=True,
        ulimits=ulimits,
    )  # fmt: skip
    child.drop_privileges(spec, fake_ownership=False)
    assert kernel.calls == [
        ("setrlimit", resource.RLIMIT_NOFILE, (5, 6)),
        ("prctl", syscalls.PR_SET_NO_NEW_PRIVS, 1),
        ("setgroups", (5, 7)),
        ("setresgid", 5, 5, 5),
        ("chdir", "/"),
        ("keep_only", ["KILL"]),
        ("install_filter", b"program", 4),
        ("setresuid", 5, 5, 5),
        ("drop_others", ["KILL"]),
    ]


def test_a_process_renounces_all_but_a_change_of_its_user(kernel: Kernel) -> None:
    spec = process(user="app", caps=["KILL"], seccomp=FILTER)
    child.renounce(spec)
    assert kernel.names() == ["chdir", "keep_only", "install_filter", "drop_others"]
    assert kernel.calls[-1] == ("drop_others", ["KILL", "SETUID", "SETGID"])
    kernel.calls.clear()
    child.drop_privileges(spec, fake_ownership=False, has_renounced=True)
    assert kernel.names() == ["setgroups", "setresgid", "setresuid", "drop_others"]


def test_an_unconfined_process_has_no_filter(kernel: Kernel) -> None:
    child.drop_privileges(process(), fake_ownership=False)
    assert "install_filter" not in kernel.names()


def test_the_container_s_filter_decides_before_fake_ownership(kernel: Kernel) -> None:
    child.drop_privileges(process(seccomp=FILTER), fake_ownership=True)
    first, last = (call for call in kernel.calls if call[0] == "install_filter")
    assert first[1] == seccomp.ownership_filter()[0]
    assert last == ("install_filter", b"program", 4)


def test_one_user_id_is_mapped_to_the_user(kernel: Kernel) -> None:
    child.drop_privileges(process(user="app"), fake_ownership=True)
    assert ("appear_as", 5, 5) in kernel.calls
    assert kernel.names() == ["chdir", "appear_as", "install_filter", "keep_only", "drop_others"]


def test_root_needs_no_mapping(kernel: Kernel) -> None:
    child.drop_privileges(process(user="0"), fake_ownership=True)
    assert "appear_as" not in kernel.names()


def test_an_entrypoint_starts_as_the_user_to_which_it_drops(
    kernel: Kernel, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = str(bin_folder / "program")
    text = '#!/bin/sh\nexec gosu app "$0"\n'
    monkeypatch.setattr(child, "_read", lambda path: text if path == script else read(path))
    for own_command, mapped in ((True, True), (False, False)):
        kernel.calls.clear()
        spec = process(script, own_command=own_command)
        child.drop_privileges(spec, fake_ownership=True)
        assert (("appear_as", 5, 5) in kernel.calls) is mapped


def test_a_missing_entrypoint_is_reported_later(kernel: Kernel) -> None:
    child.drop_privileges(process("/missing", own_command=True), fake_ownership=True)
    assert "appear_as" not in kernel.names()


def test_a_missing_working_folder(tmp_path: Path) -> None:
    code = (
        "from unit.embedded.runtime.test_child import *\n"
        "import sys\n"
        f"try: child._change_folder({str(tmp_path / 'missing')!r})\n"
        "except CannotStart as error: sys.exit(str(error))\n"
    )
    assert "no such file or directory" in run(code).stderr


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in another process."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


RUN = (
    "from unit.embedded.runtime.test_child import *\n"
    "signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n"
    "spec = process({args}, env=['A=1', 'not a pair'])\n"
    "{call}\n"
)


def test_the_program_is_executed_with_its_environment_and_default_signals() -> None:
    args = "'sh', '-c', 'echo $A $0; kill -USR1 $$; echo ignored', 'zero'"
    done = run(RUN.format(args=args, call="child.execute_or_exit(spec, '/bin/sh')"))
    assert done.stdout == "1 zero\n"
    assert done.returncode == -signal.SIGUSR1


def test_a_file_that_the_kernel_cannot_execute(bin_folder: Path) -> None:
    path = str(bin_folder / "program")
    Path(path).write_text("not a program")
    done = run(RUN.format(args=f"{path!r}", call=f"child.execute_or_exit(spec, {path!r})"))
    assert (done.returncode, done.stderr) == (255, f"exec {path}: exec format error\n")


def test_arguments_and_variables_with_nul() -> None:
    """The message is short: a traceback would show files of the container."""
    for args in ("'sh', 'a\\0b'", "'sh', env=['A=a\\0b']"):
        code = f"child.execute_or_exit(process({args}), '/bin/sh')\n"
        done = run(f"from unit.embedded.runtime.test_child import *\n{code}")
        assert (done.returncode, done.stderr) == (255, "exec /bin/sh: invalid argument\n")
