"""Hard links of archives: a file that others share is copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docker_magics.embedded.images import disk_room
from docker_magics.embedded.images.disk_room import Disk, DiskFull
from docker_magics.embedded.images.hard_links import HardLinks


def test_a_file_with_other_names_is_copied(tmp_path: Path) -> None:
    for name in ("shared", "own"):
        (tmp_path / name).write_text(name)
    os.link(tmp_path / "shared", tmp_path / "other")
    folder = os.open(tmp_path, os.O_RDONLY)
    links = HardLinks(Disk(tmp_path))
    for name in ("shared", "own"):
        for number in "12":
            links.make(os.open(tmp_path / name, os.O_PATH), folder, f"{name}{number}")
            assert (tmp_path / f"{name}{number}").read_text() == name
    assert not (tmp_path / "shared1").samefile(tmp_path / "shared")
    assert (tmp_path / "own1").samefile(tmp_path / "own")
    assert (tmp_path / "own2").samefile(tmp_path / "own")


def test_a_copy_needs_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared").write_text("shared")
    os.link(tmp_path / "shared", tmp_path / "other")
    monkeypatch.setattr(disk_room, "RESERVE", 1 << 60)
    with pytest.raises(DiskFull):
        HardLinks(Disk(tmp_path)).make(
            os.open(tmp_path / "shared", os.O_PATH), os.open(tmp_path, os.O_RDONLY), "copy"
        )
    assert not (tmp_path / "copy").exists()
