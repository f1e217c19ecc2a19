"""Hard links of archives: a file that others share is copied."""

from __future__ import annotations

import os
from pathlib import Path

from docker_magics.embedded.images.hard_links import HardLinks


def test_a_file_with_other_names_is_copied(tmp_path: Path) -> None:
    for name in ("shared", "own"):
        (tmp_path / name).write_text(name)
    os.link(tmp_path / "shared", tmp_path / "other")
    folder = os.open(tmp_path, os.O_RDONLY)
    links = HardLinks()
    for name in ("shared", "own"):
        for number in "12":
            links.make(os.open(tmp_path / name, os.O_PATH), folder, f"{name}{number}")
            assert (tmp_path / f"{name}{number}").read_text() == name
    assert not (tmp_path / "shared1").samefile(tmp_path / "shared")
    assert (tmp_path / "own1").samefile(tmp_path / "own")
    assert (tmp_path / "own2").samefile(tmp_path / "own")
