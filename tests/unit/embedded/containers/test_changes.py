"""Changed files of a container (docker diff)."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest

from docker_magics.embedded.containers.changes import ADDED, DELETED, MODIFIED, changed_paths
from docker_magics.embedded.state import remove_tree
from docker_magics.embedded.storage import whiteouts


class Folders:
    """A layer and changes on top of it; names with .wh. mark whiteouts."""

    def __init__(self, path: Path) -> None:
        self.layer, self.changes = path / "layer", path / "changes"
        self.layer.mkdir()
        self.changes.mkdir()

    def old(self, name: str, text: str = "old") -> None:
        self._write(self.layer / name, text)

    def new(self, name: str, text: str = "new") -> None:
        self._write(self.changes / name, text)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def listed(self) -> dict[str, int]:
        changes = changed_paths(self.changes, [str(self.layer)])
        return {change["Path"]: change["Kind"] for change in changes}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_no_changes(folders: Folders) -> None:
    folders.old("etc/hosts")
    assert folders.listed() == {}


def test_a_new_file_in_a_known_folder(folders: Folders) -> None:
    folders.old("etc/hosts")
    folders.new("etc/new")
    assert folders.listed() == {"/etc": MODIFIED, "/etc/new": ADDED}


def test_a_new_folder_and_its_content(folders: Folders) -> None:
    folders.new("srv/a/b")
    assert folders.listed() == {"/srv": ADDED, "/srv/a": ADDED, "/srv/a/b": ADDED}


def test_a_changed_file(folders: Folders) -> None:
    folders.old("f", "old")
    folders.new("f", "other")
    assert folders.listed() == {"/f": MODIFIED}


def test_a_copy_without_a_difference_is_not_a_change(folders: Folders) -> None:
    folders.old("d/f", "same")
    folders.new("d/f", "same")
    status = (folders.layer / "d/f").stat()
    os.utime(folders.changes / "d/f", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert folders.listed() == {}


def test_changed_permissions_are_a_change(folders: Folders) -> None:
    folders.old("d/f")
    folders.new("d/.keep", "")
    (folders.changes / "d/.keep").unlink()
    (folders.changes / "d").chmod(0o700)
    assert folders.listed() == {"/d": MODIFIED}


def test_a_link_is_not_followed(folders: Folders) -> None:
    folders.old("real/f")
    (folders.changes / "real").symlink_to("/etc")
    assert folders.listed() == {"/real": MODIFIED}


def test_deleted_and_replaced(folders: Folders) -> None:
    """Only root can create whiteouts (devices), so the test marks them by name."""
    folders.old("gone")
    folders.old("kept/a")
    folders.old("kept/b")
    folders.new("gone", "whiteout")
    folders.new("never", "whiteout")
    folders.new("kept/b", "new")

    def is_whiteout(path: str, _status: object) -> bool:
        return Path(path).is_file() and Path(path).read_text() == "whiteout"

    with (
        mock.patch.object(whiteouts, "is_whiteout", is_whiteout),
        mock.patch.object(whiteouts, "is_opaque", lambda path: Path(path).resolve().name == "kept"),
    ):
        listed = folders.listed()
    assert listed == {"/gone": DELETED, "/kept": MODIFIED, "/kept/a": DELETED, "/kept/b": MODIFIED}


def test_folders_of_any_depth(folders: Folders) -> None:
    folders.old("etc/" + "d/" * 20 + "file")
    folders.new("etc/" + "d/" * 20 + "file", "changed")
    for depth in (500, 1000, 1500):
        (folders.changes / ("e/" * depth)).mkdir(parents=True)
    listed = folders.listed()
    assert listed is not None
    assert listed["/etc/" + "d/" * 20 + "file"] == MODIFIED
    assert listed["/etc"] == listed["/etc/d"] == MODIFIED
    assert [kind for path, kind in listed.items() if path.startswith("/e/e")] == [ADDED] * 1499
    remove_tree(folders.changes / "e")
