"""The root folder: its lock, permissions, drafts, and atomic writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import open_below

from docker_magics.embedded import state
from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.state import State

OTHER = (
    "import sys, pathlib; from docker_magics.embedded.state import *\n"
    "try: State(pathlib.Path(sys.argv[1]))\n"
    "except RootInUse as error: sys.exit(str(error))\n"
)


def start_another(root: Path) -> str:
    """Start another process on the root; return its error."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", OTHER, str(root)],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    return done.stderr


def test_only_one_engine_can_lock_the_root(tmp_path: Path) -> None:
    held = State(tmp_path / "root")
    assert "another engine runs on" in start_another(tmp_path / "root")
    held.release()
    assert start_another(tmp_path / "root") == ""


def test_folders_are_private(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir(mode=0o755)
    root = State(tmp_path / "root")
    for path in (root.root, root.tmp, root.folder("a", "b")):
        assert path.stat().st_mode & 0o777 == 0o700
    assert root.folder("a", "b") == root.root / "a/b"
    root.release()


def test_drafts_of_a_killed_engine_are_removed(tmp_path: Path) -> None:
    for folder in ("", "networks", "containers/c", "tmp/x", "volumes/v/_data"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / ".x.draft").touch()
        (tmp_path / folder / "kept.json").touch()
    State(tmp_path).release()
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.draft"))
    assert left == ["volumes/v/_data/.x.draft"], "files in volumes are the user's"
    assert (tmp_path / "containers/c/kept.json").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_engine_s_id_is_kept(tmp_path: Path) -> None:
    first = State(tmp_path)
    identity = first.engine_id()
    first.release()
    second = State(tmp_path)
    assert second.engine_id() == identity
    assert len(identity) == 32
    second.release()


def test_json_is_written_atomically(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    state.write_json(path, {"a": [1, "ä"]})
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        state.write_json(path, {"a": object()})
    assert state.read_json(path) == {"a": [1, "ä"]}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"], "no draft is left"


@pytest.mark.parametrize("text", ["", "{", "nope"])
def test_damaged_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ApiError, match=r"x\.json is damaged"):
        state.read_json(tmp_path / "x.json")
    with pytest.raises(FileNotFoundError):
        state.read_json(tmp_path / "y.json")


@pytest.mark.parametrize("uid", [0, 1000])
def test_trees_with_odd_modes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    tree = tmp_path / "tree"
    (tree / "locked/inner").mkdir(parents=True)
    (tree / "locked/inner/file").touch()
    (tree / "link").symlink_to(tmp_path)
    if uid:
        monkeypatch.setattr(os, "geteuid", lambda: uid)
        (tree / "locked").chmod(0)
    state.remove_tree(tree)
    state.remove_tree(tree)
    assert tmp_path.is_dir()
    assert not tree.exists()


def make_deep(top: Path, depth: int) -> None:
    """Create folders in each other, with a file in each: their path is longer than PATH_MAX."""
    top.mkdir()
    fd = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        os.mkdir("folder", dir_fd=fd)
        above, fd = fd, os.open("folder", os.O_RDONLY, dir_fd=fd)
        os.close(above)
    os.close(fd)


@pytest.mark.parametrize("uid", [0, 1000])
def test_trees_of_any_depth_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    make_deep(tmp_path / "tree", 3000)
    (tmp_path / "tree/second").mkdir()
    (tmp_path / "tree/second/link").symlink_to(tmp_path)
    state.remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []
    assert open_below(tmp_path) == []


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "link").symlink_to("kept")
    with pytest.raises(OSError, match="Not a directory"):
        state.remove_tree(tmp_path / "link")
    assert (tmp_path / "kept/file").exists()


def test_a_folder_that_moves_meanwhile_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder above is not the one that was left: its content stays."""
    for name in ("tree/a/b", "other/kept"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tree/a/b/file").touch()
    unlink = os.unlink

    def move(name: str, *, dir_fd: int) -> None:
        unlink(name, dir_fd=dir_fd)
        (tmp_path / "tree/a/b").rename(tmp_path / "other/b")

    monkeypatch.setattr(os, "unlink", move)
    with pytest.raises(OSError, match="moved while it was removed"):
        state.remove_tree(tmp_path / "tree")
    assert (tmp_path / "other/kept").is_dir()


def test_the_engine_starts_though_a_leftover_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "tmp/x").mkdir(parents=True)

    def refuse(_name: str, *, dir_fd: int | None) -> None:
        raise PermissionError(1, f"Operation not permitted in {dir_fd}")

    monkeypatch.setattr(os, "rmdir", refuse)
    State(tmp_path).release()
    assert "cannot remove" in caplog.text


def test_a_file_that_is_added_during_a_removal_is_removed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    rmdir, additions = os.rmdir, [folder / "shim.sock"]

    def rmdir_after_addition(*args: Any, **options: Any) -> None:
        if additions:
            additions.pop().touch()
        rmdir(*args, **options)

    monkeypatch.setattr(os, "rmdir", rmdir_after_addition)
    state.remove_tree(folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "error"),
    [
        (0o700, 4321, 0, "it belongs to the user 4321"),
        (0o1777, 4321, 0, "it belongs to the user 4321"),
        (0o777, None, None, "other users may write to it"),
        (0o770, None, 4321, "other users may write to it"),
        (0o1777, None, None, ""),
        (0o775, None, None, ""),
        (0o750, None, 4321, ""),
    ],
)
def test_folders_that_others_control_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    mode: int,
    uid: int | None,
    gid: int | None,
    error: str,
) -> None:
    real = tmp_path.stat()
    fields = [*real]
    fields[0] = mode
    fields[4] = real.st_uid if uid is None else uid
    fields[5] = real.st_gid if gid is None else gid
    monkeypatch.setattr(Path, "stat", lambda _path: os.stat_result(fields))
    if not error:
        state.check_owner(tmp_path)
        return
    with pytest.raises(PermissionError, match=error):
        state.check_owner(tmp_path)


def test_the_lock_is_not_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/engine.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        State(tmp_path / "root")
