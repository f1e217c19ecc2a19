"""The limit of descriptors: the engine's, and that of containers."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docker_magics.embedded import descriptors

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

SCRIPT = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
from docker_magics.embedded import descriptors
descriptors.raise_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE), descriptors.limit())
descriptors.restore_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE), descriptors.limit())
"""


def run(script: str, **options: object) -> str:
    """Return what a Python program prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, **options)  # type: ignore[call-overload]  # fmt: skip  # noqa: E501
    return str(done.stdout)


def test_the_soft_limit_is_raised_for_the_engine_only() -> None:
    assert run(SCRIPT) == "(200, 200) 200\n(100, 200) 100\n"


INHERITED = """
import os, sys
from docker_magics.embedded import descriptors
descriptors.close_all()
descriptors.open_stdio()
for fd in range(12):
    try:
        os.write(2, f"{fd} {os.readlink(f'/proc/self/fd/{fd}')}\\n".encode())
    except FileNotFoundError:
        pass
"""


def test_inherited_descriptors_are_closed_and_closed_ones_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    command = 'exec "$0" -c "$1" 0<&- 5<secret 9<.'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, INHERITED],
        capture_output=True, check=True, text=True, cwd=tmp_path, env=ENVIRONMENT,
    )  # fmt: skip
    lines = done.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["0", "1", "2"]
    assert lines[0] == "0 /dev/null"


KEEP_ONLY = """
import os, socket
from docker_magics.embedded import descriptors, syscalls
HIDE
kept = socket.socket(fileno=descriptors.keep_only(socket.socket().detach()))
assert kept.fileno() == 3 and not kept.get_inheritable()
print(*(fd for fd in range(250) if os.path.lexists(f"/proc/self/fd/{fd}")))
"""
REFUSE = "def refuse(first): raise OSError(38, 'hidden')\nsyscalls.close_range = refuse"


@pytest.mark.parametrize("hide", ["", REFUSE], ids=["close_range", "each alone"])
def test_all_descriptors_but_one_are_closed(tmp_path: Path, hide: str) -> None:
    command = 'exec "$0" -c "$1" 5<. 9<. 200<.'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, KEEP_ONLY.replace("HIDE", hide)],
        capture_output=True, check=True, text=True, cwd=tmp_path, env=ENVIRONMENT,
    )  # fmt: skip
    assert done.stdout == "0 1 2 3\n"


def test_a_process_is_watched_when_descriptors_are_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = [errno.ENFILE, errno.EMFILE]
    pidfd_open = os.pidfd_open

    def fail_at_first(pid: int) -> int:
        if errors:
            raise OSError(errors.pop(), "too many open files")
        return pidfd_open(pid)

    monkeypatch.setattr(os, "pidfd_open", fail_at_first)
    os.close(descriptors.open_pidfd(os.getpid()))
    assert not errors
