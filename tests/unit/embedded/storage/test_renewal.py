"""Roots that are made over: each equals a new one, whatever its container did."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.state import remove_tree
from docker_magics.embedded.storage import copy_tree, renewal, shared_tree, whiteouts

_Layers = list[str]
#: Folders of the layers of the tests whose times are when their whiteouts were applied.
_WITH_WHITEOUTS = {"usr/bin", "usr/lib", "etc"}


@pytest.fixture
def layers(tmp_path: Path) -> _Layers:
    """Two layers; the second adds and deletes files, the first has whiteouts of nothing."""
    first, second = tmp_path / "layers/first", tmp_path / "layers/second"
    for path in ("usr/bin/a", "usr/bin/b", "usr/lib/x/one", "usr/lib/y/two", "opt/tool/run",
                 "usr/lib/x/deep/f", "usr/lib/y/deep/f", "etc/passwd", "var/log/l"):  # fmt: skip
        (first / path).parent.mkdir(parents=True, exist_ok=True)
        (first / path).write_text(path)
    (first / "bin").symlink_to("usr/bin")
    (first / "usr/bin/link").symlink_to("a")
    os.link(first / "usr/bin/a", first / "usr/bin/hard")
    (first / "usr/lib/x/deep").chmod(0o500)
    (second / "usr/bin").mkdir(parents=True)
    (second / "usr/bin/c").write_text("c")
    (second / "etc").mkdir()
    (second / "etc/new").write_text("new")
    hidden = ((second / "usr/bin", "b"), (second / "etc", "passwd"), (first / "usr/lib", "none"),
              (first / "etc", "none"))  # fmt: skip
    for folder, name in hidden:
        fd = os.open(folder, os.O_RDONLY)
        whiteouts.make_whiteout(name, fd)
        os.close(fd)
    return [str(first), str(second)]


def made(layers: _Layers, folder: Path) -> Path:
    """Return a new root of layers."""
    root = folder / "m"
    root.mkdir(parents=True)
    shared_tree.link(layers, root)
    return root


def renewed(used: Path, folder: Path, layers: _Layers) -> Path:
    """Return a root that is made over."""
    root = folder / "m"
    root.mkdir(parents=True)
    renewal.renew(used, root, layers)
    return root


def shown(root: Path) -> dict[str, Any]:
    """Return path -> (mode, content, inode of linked files, time)."""
    entries = {}
    for path in sorted(root.rglob("*")):
        name, status = str(path.relative_to(root)), path.lstat()
        is_linked = name.partition("/")[0] in shared_tree.LINKED
        content = path.readlink() if path.is_symlink() else path.is_file() and path.read_text()
        inode = status.st_ino if is_linked and not path.is_dir() else 0
        time = 0 if name in _WITH_WHITEOUTS else status.st_mtime_ns
        entries[name] = (stat.filemode(status.st_mode), content, inode, time)
        assert path.is_symlink() or not os.listxattr(path)
    return entries


def own_copy(path: Path, content: str) -> None:
    """Write to a file as the broker of files lets a container do."""
    path.unlink()
    path.write_text(content)


def nothing(_: Path) -> None:
    """Do nothing."""


def files(root: Path) -> None:
    own_copy(root / "usr/bin/a", "mine")
    (root / "usr/lib/x/new").write_text("new")
    (root / "usr/new/deep").mkdir(parents=True)
    (root / "usr/new/deep/file").write_text("mine")
    (root / "etc/new").write_text("mine")
    (root / "etc/deep").mkdir()
    (root / "data").mkdir()
    os.mkfifo(root / "usr/pipe")


def removed(root: Path) -> None:
    shutil.rmtree(root / "usr/lib/y")
    (root / "usr/bin/link").unlink()
    (root / "bin").unlink()
    shutil.rmtree(root / "var")


def tops_replaced(root: Path) -> None:
    (root / "usr").rename(root / "other")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/a").write_text("mine")
    shutil.rmtree(root / "opt")
    (root / "opt").symlink_to("/etc")


def tops_swapped(root: Path) -> None:
    (root / "usr").rename(root / "other")
    (root / "opt").rename(root / "usr")
    (root / "other").rename(root / "opt")


def folders_swapped(root: Path) -> None:
    lib = root / "usr/lib"
    (lib / "x").rename(lib / "z")
    (lib / "y").rename(lib / "x")
    (lib / "z").rename(lib / "y")


def files_swapped(root: Path) -> None:
    programs = root / "usr/bin"
    (programs / "a").rename(programs / "z")
    (programs / "c").rename(programs / "a")
    (programs / "z").rename(programs / "c")


def links_out(root: Path) -> None:
    shutil.rmtree(root / "usr/lib/x")
    (root / "usr/lib/x").symlink_to(root.parent.parent / "outside")
    shutil.rmtree(root / "usr/bin")
    (root / "usr/bin").symlink_to(root.parent.parent / "outside")
    shutil.rmtree(root / "etc")
    (root / "etc").symlink_to(root.parent.parent / "outside")


def attributes(root: Path) -> None:
    (root / "usr/lib/x").chmod(0o777)
    os.setxattr(root / "usr/lib/y", "user.mine", b"1")
    os.utime(root / "opt/tool", ns=(1, 1))
    root.chmod(0o700)


@pytest.mark.parametrize(
    "change",
    [
        nothing, files, removed, tops_replaced, tops_swapped, folders_swapped, files_swapped,
        links_out, attributes,
    ],
)  # fmt: skip
def test_a_root_that_is_made_over_equals_a_new_one(
    tmp_path: Path, layers: _Layers, change: Callable[[Path], None]
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/one").write_text("outside")
    new, used = made(layers, tmp_path / "new"), made(layers, tmp_path / "used")
    before = shared_tree.record(used)
    change(used)
    root = renewed(used, tmp_path / "root", layers)
    assert shown(root) == shown(new)
    assert root.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["one"]
    shared = shared_tree.record(root)
    assert before is not None
    assert shared is not None
    assert shared.inodes == before.inodes
    assert shared.copied == {
        name: shared_tree.identity(str(root / name)) for name in ("etc", "var")
    }
    assert shared.copied.keys() == before.copied.keys()
    assert not set(shared.copied.values()) & set(before.copied.values())
    upper = tmp_path / "upper"
    upper.mkdir()
    copy_tree.changes(layers, root, upper, shared.has)
    assert list(upper.iterdir()) == []


def test_it_is_another_root_with_the_same_folders(tmp_path: Path, layers: _Layers) -> None:
    used = made(layers, tmp_path / "used")
    inodes = [(used / name).stat().st_ino for name in (".", "usr", "usr/lib/x")]
    root = renewed(used, tmp_path / "root", layers)
    again = [(root / name).stat().st_ino for name in (".", "usr", "usr/lib/x")]
    assert [old == new for old, new in zip(inodes, again, strict=True)] == [False, True, True]


def test_it_can_be_made_over_again(tmp_path: Path, layers: _Layers) -> None:
    new, root = made(layers, tmp_path / "new"), made(layers, tmp_path / "0")
    for number, change in enumerate((files, folders_swapped, links_out), 1):
        change(root)
        root = renewed(root, tmp_path / str(number), layers)
        assert shown(root) == shown(new)


def test_while_a_broker_copies_a_file_it_is_refused(tmp_path: Path, layers: _Layers) -> None:
    used = made(layers, tmp_path / "used")
    folder = os.open(used.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(BlockingIOError):
        renewed(used, tmp_path / "root", layers)
    os.close(folder)


def test_folders_without_end_are_not_read(
    tmp_path: Path, layers: _Layers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_MOST_BYTES", 100_000)
    used = made(layers, tmp_path / "used")
    folder = os.open(used / "usr", os.O_RDONLY)
    for _ in range(300):
        os.mkdir("x" * 200, dir_fd=folder)
        inner = os.open("x" * 200, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    with pytest.raises(OSError, match="too many"):
        renewed(used, tmp_path / "root", layers)
    remove_tree(tmp_path / "root")  # pytest cannot


def test_a_root_with_copies_only_is_refused(tmp_path: Path, layers: _Layers) -> None:
    (tmp_path / "used/m").mkdir(parents=True)
    copy_tree.copy(layers, tmp_path / "used/m")
    with pytest.raises(OSError, match="not a shared root"):
        renewed(tmp_path / "used/m", tmp_path / "root", layers)
