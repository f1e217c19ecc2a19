"""Terminals are opened in a devpts, and nowhere else."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from unit.embedded.fakes import open_below

from docker_magics.embedded.runtime import pty


def test_a_pair_is_connected() -> None:
    master, slave = pty.open_pair()
    os.write(master, b"line\n")
    assert os.read(slave, 9) == b"line\n"
    os.close(slave)
    os.close(master)


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A FIFO of an image would block the shim."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("fifo", "file", "link", "."):
        with pytest.raises(OSError, match=r".*") as caught:
            pty.open_pair(str(tmp_path / name))
        assert caught.value.errno == errno.ENODEV
    assert open_below(tmp_path, "/dev/zero") == []
