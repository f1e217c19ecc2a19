"""The cache of root filesystem copies: a recycled copy equals a new one."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.storage import copy_tree, whiteouts
from docker_magics.embedded.storage.copy_cache import RootfsCache


def write(root: Path, **files: str) -> None:
    """Write files, path -> content, with `__` for each slash."""
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def hide(folder: Path, name: str = "") -> None:
    """Write a whiteout in a layer's folder, or an opaque marker."""
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY)
    try:
        whiteouts.make_whiteout(name, fd) if name else whiteouts.make_opaque(fd)
    finally:
        os.close(fd)


@pytest.fixture
def layers(tmp_path: Path) -> dict[str, str]:
    """Layers that add, replace and hide files."""
    roots = {name: tmp_path / "layers" / name for name in ("base", "app", "less", "new", "points")}
    write(roots["base"], bin__sh="shell", etc__users="root", lib__deep__a="a", lib__deep__b="b")
    (roots["base"] / "bin/bash").symlink_to("sh")
    (roots["base"] / "bin/sh").chmod(0o4755)
    write(roots["app"], app__main="1", lib__deep__a="changed", etc__extra="x")
    write(roots["less"], app__other="2")
    hide(roots["less"] / "etc", "users")
    hide(roots["less"], "lib")
    write(roots["new"], bin="a file where a folder was", lib__deep__c="c")
    hide(roots["new"] / "lib/deep")
    write(roots["points"], proc__x="", etc__hosts="")
    return {name: str(root) for name, root in roots.items()}


STACKS = [
    ("base", "points"),
    ("base", "app", "points"),
    ("base", "app", "less", "points"),
    ("base", "app", "less", "new", "points"),
    ("base", "new", "points"),
]


def files(tree: Path) -> None:
    write(tree, added__deep__file="new", etc__hosts="127.0.0.1")
    for path in (tree / "bin/sh", tree / "bin"):
        if path.is_file():
            path.write_text("changed in place")
            path.chmod(0o600)


def removed(tree: Path) -> None:
    shutil.rmtree(tree / "etc")
    shutil.rmtree(tree / "lib", ignore_errors=True)


def links_out(tree: Path) -> None:
    for name in ("etc", "lib"):
        shutil.rmtree(tree / name, ignore_errors=True)
        (tree / name).symlink_to(tree.parent.parent / "outside")


def modes(tree: Path) -> None:
    (tree / "etc").chmod(0o700)
    tree.chmod(0o555)


def shown(tree: Path) -> dict[str, Any]:
    """Return path -> (mode, content) of a tree."""
    entries = {}
    for path in tree.rglob("*"):
        mode = path.lstat().st_mode
        content = path.readlink() if path.is_symlink() else path.is_file() and path.read_text()
        entries[str(path.relative_to(tree))] = (stat.filemode(mode), content)
    return entries


@pytest.mark.parametrize("change", [files, removed, links_out, modes])
@pytest.mark.parametrize("after", STACKS, ids="-".join)
@pytest.mark.parametrize("before", STACKS[1::2], ids="-".join)
def test_a_recycled_copy_equals_a_new_copy(
    tmp_path: Path,
    layers: dict[str, str],
    before: tuple[str, ...],
    after: tuple[str, ...],
    change: Callable[[Path], None],
) -> None:
    write(tmp_path / "outside", users="mine", deep__a="mine")
    trees = {name: tmp_path / name / "merged" for name in ("before", "fresh", "after", "spares")}
    for tree in trees.values():
        tree.mkdir(parents=True)
    spares = RootfsCache(tmp_path / "spares")
    spares.copy([layers[name] for name in before], trees["before"])
    change(trees["before"])
    spares.keep([layers[name] for name in before], trees["before"])
    assert not trees["before"].exists()
    wanted = [layers[name] for name in after]
    copy_tree.copy(wanted, trees["fresh"])
    spares.copy(wanted, trees["after"])
    assert shown(trees["after"]) == shown(trees["fresh"])
    assert shown(tmp_path / "outside").keys() == {"users", "deep", "deep/a"}
    upper = tmp_path / "upper"
    upper.mkdir()
    copy_tree.changes(wanted, trees["after"], upper)
    assert shown(upper) == {}


def test_a_recycled_copy_reuses_files(tmp_path: Path, layers: dict[str, str]) -> None:
    image = [layers["base"], layers["points"]]
    first, second = tmp_path / "1/merged", tmp_path / "2/merged"
    for tree in (first, second):
        tree.mkdir(parents=True)
    spares = RootfsCache(tmp_path)
    spares.copy(image, first)
    inode = (first / "bin/sh").stat().st_ino
    spares.keep(image, first)
    spares.copy(image, second)
    assert (second / "bin/sh").stat().st_ino == inode


def test_the_cache_is_limited_and_drops_copies_of_removed_images(
    tmp_path: Path, layers: dict[str, str]
) -> None:
    image, folder = [layers["base"], layers["points"]], tmp_path / "spares"
    folder.mkdir()
    spares = RootfsCache(folder)
    trees = [tmp_path / str(number) / "merged" for number in range(4)]
    for tree in trees:
        tree.mkdir(parents=True)
        spares.copy(image, tree)
    for tree in trees:
        spares.keep(image, tree)
    assert len(list(folder.iterdir())) == 2
    shutil.rmtree(layers["points"])
    again = tmp_path / "again/merged"
    again.mkdir(parents=True)
    spares.copy([layers["base"]], again)
    assert len(list(folder.iterdir())) == 2
