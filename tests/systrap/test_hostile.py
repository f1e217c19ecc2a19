"""Hostile programs do not get out of the border: see `programs/hostile.c` and `race.c`."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import subprocess
from collections.abc import Iterator

import pytest
from conftest import unavailable
from systrap.conftest import UID, Box, as_user

_LANDLOCK_CREATE_RULESET = 444
_VERSION_FLAG = 1
#: The version of Landlock that confines signals and abstract sockets: Linux 6.12.
_SCOPES = 6


def landlock_version() -> int:
    """Return the version of the kernel's Landlock; 0 without it."""
    libc = ctypes.CDLL(None)
    return max(0, int(libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _VERSION_FLAG)))


@pytest.fixture
def victim() -> Iterator[int]:
    """The PID of a process of the same user, outside of the container."""
    with subprocess.Popen(["sleep", "infinity"], **as_user()) as process:
        yield process.pid
        assert process.poll() is None, "it was killed"
        process.kill()


@pytest.fixture
def abstract_socket() -> Iterator[None]:
    """An abstract socket outside of the container."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0systrap-victim")
        server.listen()
        yield


@pytest.mark.usefixtures("abstract_socket")
@pytest.mark.parametrize("way", ["overwrite", "remap", "handler", "mapped"])
@pytest.mark.parametrize("program", ["hostile", "hostile-static"])
def test_nothing_gets_out(box: Box, victim: int, way: str, program: str) -> None:
    if landlock_version() < _SCOPES:
        unavailable(f"Landlock {_SCOPES} is needed (Linux 6.12), not {platform.release()}")
    secret = box.outside / "secret"
    done = box.run(f"/w/{program}", way, str(secret), str(box.outside), str(victim))
    assert (done.returncode, done.stdout) == (0, "tried; 0 got out\n")
    assert secret.read_text() == "outside\n"
    assert not os.path.lexists(box.outside / "new")


def test_the_same_program_gets_out_where_the_border_allows_it(box: Box, victim: int) -> None:
    folder = box.outside / "open"
    folder.mkdir()
    (folder / "secret").write_text("outside\n")
    if os.getuid() == 0:
        os.chown(folder, UID, UID)
    args = ("overwrite", str(folder / "secret"), str(folder), str(victim))
    done = box.run("/w/hostile", *args, options=("--write", str(folder)))
    assert done.returncode == 1
    assert "OUT: read a file\n" in done.stdout
    assert "OUT: make a file\n" in done.stdout


def test_links_that_change_meanwhile_lead_nowhere(box: Box) -> None:
    done = box.run("/w/race", str(box.outside), "3000")
    assert (done.returncode, done.stdout) == (0, "tried; 0 got out\n")
