"""Walks of trees that change at the same time."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.fakes import make_deep, open_below

from docker_magics.embedded.containers.tree import pack_tree
from docker_magics.embedded.images import pack
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.embedded.storage.tree_walk import WalkedFile, walk


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the host, with a secret."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "f").write_text("secret of the host")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/e/f").write_text("inside")
    (folder / "d/f").write_text("inside")
    (folder / "l").symlink_to("d/f")
    return folder


@pytest.fixture(autouse=True)
def _descriptors_are_closed(deep_path: Path) -> Iterator[None]:
    yield
    assert open_below(deep_path) == []


def paths(top: Path) -> list[str]:
    return [file.path for file in walk(top)]


def test_folders_come_before_their_content(tree: Path) -> None:
    assert paths(tree) == ["", "d", "d/e", "d/e/f", "d/f", "l"]
    assert paths(tree / "d/f") == [""]
    skipping = walk(tree, enters=lambda file: file.path != "d")
    assert [file.path for file in skipping] == ["", "d", "l"]


def test_what_files_are(tree: Path) -> None:
    files: dict[str, tuple[bool, str]] = {}
    for file in walk(tree):
        content = file.open() if file.is_regular else None
        files[file.path] = (file.is_folder, file.link_target() if content is None else "")
        if content is not None:
            with content:
                assert content.read() == b"inside"
    assert files["d"] == (True, "")
    assert files["l"] == (False, "d/f")


def test_a_folder_that_is_swapped_for_a_link_is_not_left(tree: Path, outside: Path) -> None:
    seen = []
    for file in walk(tree):
        seen.append(file.path)
        if file.path == "d/e":
            (tree / "d").rename(tree.parent / "moved")
            (tree / "d").symlink_to(outside)
        if file.is_regular:
            with file.open() as content:
                assert content.read() == b"inside"
    assert seen == ["", "d", "d/e", "d/e/f", "d/f", "l"]


def test_a_file_that_is_swapped_for_a_link_is_a_link(tree: Path, outside: Path) -> None:
    for file in walk(tree):
        if file.path == "d":
            (tree / "d/f").unlink()
            (tree / "d/f").symlink_to(outside / "f")
        if file.path == "d/f":
            assert file.link_target() == str(outside / "f")
            with pytest.raises(OSError, match="not a regular file"):
                file.open()


def test_a_file_that_is_swapped_after_it_was_opened_keeps_its_content(
    tree: Path, outside: Path
) -> None:
    for file in walk(tree):
        if file.path == "d/f":
            (tree / "d/f").unlink()
            (tree / "d/f").symlink_to(outside / "f")
            with file.open() as content:
                assert content.read() == b"inside"


def test_a_fifo_is_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "fifo")
    assert b"fifo" in b"".join(pack.packed(tree))


@pytest.mark.parametrize("depth", [10, 64, 65, 66, 200, 1500])
def test_deep_folders(tmp_path: Path, depth: int) -> None:
    (tmp_path / "top").mkdir()
    make_deep(tmp_path / "top", depth)
    (tmp_path / "top/d/d/z").touch()
    (tmp_path / "top/z").touch()
    walked = []
    for file in walk(tmp_path / "top"):
        walked.append(file.path)
        if len(walked) == depth:
            assert len(open_below(tmp_path)) < 200
    assert walked[1 : depth + 1] == ["/".join("d" * count) for count in range(1, depth + 1)]
    assert walked[-2:] == ["d/d/z", "z"]


def test_names_that_no_path_can_name_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    make_deep(tmp_path / "top", 40, "n" * 255)
    walked = paths(tmp_path / "top")
    assert len(walked) == 1 + 16
    assert len(walked[-1]) == 16 * 256 - 1


def test_a_deep_folder_that_is_moved_does_not_lead_out(outside: Path) -> None:
    top = outside / "top"
    top.mkdir()
    make_deep(top, 100)
    (top / "d/z").write_text("inside")
    walked = []
    for file in walk(top):
        walked.append(file.path)
        if file.path == "/".join("d" * 99):
            (top / "/".join("d" * 90)).rename(top / "a")
    assert walked[-1] == "d/z"
    assert len(walked) == 1 + 100 + 1


def test_removed_and_unreadable_files(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *rest: int, **more: int) -> int:
        if name == "e":
            raise PermissionError(errno.EACCES, "refused")
        if name == "l":
            raise FileNotFoundError(errno.ENOENT, "gone")
        if name == "full":
            raise OSError(errno.EMFILE, "too many open files")
        return real(name, *rest, **more)

    real = os.open
    errors: list[OSError] = []
    (tree.parent / "full").touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        assert [file.path for file in walk(tree, onerror=errors.append)] == ["", "d", "d/f"]
        assert [error.errno for error in errors] == [errno.EACCES]
        with pytest.raises(PermissionError):
            list(pack.packed(tree))
        with pytest.raises(OSError, match="too many open files"):
            paths(tree.parent)


def test_a_file_that_cannot_be_opened_is_left_out_of_an_archive(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: WalkedFile) -> None:
        raise PermissionError(errno.EACCES, file.path)

    monkeypatch.setattr(WalkedFile, "open", refuse)
    with Rootfs(tree) as root:
        archive = b"".join(pack_tree(root, "/", inside=True))
    assert b"d/e/\0" in archive
    assert b"d/f\0" in archive  # the link's target
    assert b"d/e/f" not in archive


def test_an_abandoned_walk_closes_its_descriptors(tree: Path) -> None:
    files = walk(tree)
    assert [next(files).path for _ in range(4)] == ["", "d", "d/e", "d/e/f"]
    files.close()


def test_a_file_of_mode_000_is_read_and_stays_so(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tree / "d/f"
    hidden.chmod(0)
    opened = os.open

    def open_as_ordinary_user(path: str, *args: int, **options: int) -> int:
        if os.fspath(path).startswith("/proc/self/fd/") and not Path(path).stat().st_mode & 0o400:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, *args, **options)

    monkeypatch.setattr("os.open", open_as_ordinary_user)
    contents = []
    for file in walk(tree):
        if file.path == "d/f":
            with file.open() as content:
                contents.append(content.read())
    assert contents == [b"inside"]
    assert hidden.stat().st_mode & 0o777 == 0
