"""The interpreter on a read-only mount: executed again, as whoever runs the tests."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import interpreter

AGAIN = """
import json, os, sys
from docker_magics.embedded import descriptors, private_environment
from docker_magics.embedded.runtime import interpreter
descriptors.close_all(but=private_environment.inherit())
interpreter.execute_again()
private_environment.restore()
try:
    os.chmod("/proc/self/exe", 0o755)
except OSError as error:
    mode = error.errno
children = open(f"/proc/self/task/{os.getpid()}/children").read()
fds = os.listdir("/proc/self/fd")
print(json.dumps([sys.executable, sys.prefix, sys.argv, os.environ["MARK"], mode, children, fds]))
"""


def execute(*before: str) -> str:
    """Return what the script prints."""
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "MARK": "kept"}
    done = subprocess.run(
        [*before, sys.executable, "-c", AGAIN, "an argument", ""],
        capture_output=True, text=True, check=False, env=os.environ | environ,
    )  # fmt: skip
    if "cannot mount the interpreter" in done.stderr:
        pytest.skip(f"mount namespaces are needed: {done.stderr}")
    return done.stdout or done.stderr


def test_the_same_program_runs_again_from_a_read_only_mount() -> None:
    expected = (
        f'["{sys.executable}", "{sys.prefix}", ["-c", "an argument", ""], "kept",'
        f' {errno.EROFS}, "", ["0", "1", "2", "3"]]\n'
    )
    assert execute() == expected
    assert execute("env", "-u", "LANG") == expected


def test_where_mounts_are_forbidden_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_flags: int) -> None:
        raise PermissionError(errno.EPERM, "unshare: forbidden")

    monkeypatch.setattr(syscalls, "unshare", refuse)
    gc.collect()  # nothing of an earlier test is closed meanwhile
    with pytest.raises(PermissionError, match="unshare: forbidden"):
        interpreter.execute_again()


def test_where_the_helper_dies_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls, "unshare", lambda _flags: os._exit(1))
    with pytest.raises(OSError, match="the process that mounts it died"):
        interpreter.execute_again()


def test_nothing_is_done_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "is_read_only", lambda: True)
    interpreter.execute_again()
