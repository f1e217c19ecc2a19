"""Root filesystems that share files with layers: no layer is written to."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from unit.embedded.storage.test_layers import writable

from docker_magics.embedded import syscalls
from docker_magics.embedded.storage import copy_tree, renewal, shared_tree, whiteouts
from docker_magics.embedded.storage.copy import CopyDriver
from docker_magics.embedded.storage.spare_trees import SpareTrees
from docker_magics.embedded.storage.tree_walk import WalkedFile, walk


@pytest.fixture
def layers(tmp_path: Path) -> list[Path]:
    """Two layers; the second replaces, deletes and adds files."""
    first, second = tmp_path / "first", tmp_path / "second"
    for layer in (first, second):
        (layer / "usr/bin").mkdir(parents=True)
        (layer / "etc").mkdir()
    for name in ("kept", "replaced", "deleted"):
        (first / "usr/bin" / name).write_text(f"first {name}")
    os.link(first / "usr/bin/kept", first / "usr/bin/linked")
    (first / "bin").symlink_to("usr/bin")
    (first / "etc/passwd").write_text("first")
    (second / "etc/passwd").write_text("second")
    (second / "usr/bin/replaced").write_text("second replaced")
    folder = os.open(second / "usr/bin", os.O_RDONLY)
    whiteouts.make_whiteout("deleted", folder)
    os.close(folder)
    return [first, second]


def content(folder: Path) -> dict[str, str]:
    """Return the content of all files below a folder."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {str(name): path.read_text() for name, path in paths.items() if path.is_file()}


def shared(root: Path) -> shared_tree.SharedFiles:
    """Return the record of a root."""
    record = shared_tree.record(root)
    assert record is not None
    return record


def made(layers: list[Path], root: Path) -> Path:
    """Return a root that was made of layers."""
    root.mkdir(parents=True, exist_ok=True)
    shared_tree.make([str(layer) for layer in layers], root)
    return root


def test_files_of_programs_are_linked_and_others_copied(tmp_path: Path, layers: list[Path]) -> None:
    before = [content(layer) for layer in layers]
    root = made(layers, tmp_path / "r/m")
    assert content(root) == {
        "usr/bin/kept": "first kept",
        "usr/bin/linked": "first kept",
        "usr/bin/replaced": "second replaced",
        "etc/passwd": "second",
    }
    assert [content(layer) for layer in layers] == before
    assert (root / "usr/bin/replaced").samefile(layers[1] / "usr/bin/replaced")
    assert not (root / "etc/passwd").samefile(layers[1] / "etc/passwd")
    record = shared(root)
    assert record.has((root / "usr/bin/kept").stat())
    assert not record.has((root / "etc/passwd").stat())
    assert set(record.copied) == {"etc"}
    assert record.copied["etc"] == shared_tree.identity(str(root / "etc"))


def test_a_folder_of_the_same_name_is_another(tmp_path: Path, layers: list[Path]) -> None:
    root = made(layers, tmp_path / "r/m")
    before = shared(root).copied["etc"]
    shutil.rmtree(root / "etc")
    (root / "etc").mkdir()
    assert shared_tree.identity(str(root / "etc")) != before


def test_changes_are_what_is_no_layer_s_own(tmp_path: Path, layers: list[Path]) -> None:
    root, upper = made(layers, tmp_path / "r/m"), tmp_path / "upper"
    made(layers, tmp_path / "r2/m")  # changes the ctime of all files
    upper.mkdir()
    (root / "usr/bin/replaced").rename(root / "usr/bin/moved")
    (root / "usr/bin/new").write_text("new")
    copy_tree.changes([str(layer) for layer in layers], root, upper, shared(root).has)
    assert [file.path for file in walk(upper) if not file.is_folder] == [
        "usr/bin/moved", "usr/bin/new", "usr/bin/replaced",
    ]  # fmt: skip
    deleted = upper / "usr/bin/replaced"
    assert whiteouts.is_whiteout(str(deleted), deleted.lstat())


def test_special_files_are_copied(tmp_path: Path, layers: list[Path]) -> None:
    os.mkfifo(layers[0] / "usr/bin/pipe")
    root = made(layers, tmp_path / "r/m")
    assert shared_tree.record(root) is None
    assert not (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")


def test_pipes_outside_of_folders_of_programs_hinder_no_links(
    tmp_path: Path, layers: list[Path]
) -> None:
    (layers[0] / "run").mkdir()
    os.mkfifo(layers[0] / "run/pipe")
    root = made(layers, tmp_path / "r/m")
    assert (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")
    assert (root / "run/pipe").is_fifo()
    assert not (root / "run/pipe").samefile(layers[0] / "run/pipe")
    used, target = tmp_path / "r/m", tmp_path / "renewed/m"
    target.mkdir(parents=True)
    renewal.renew(used, target, [str(layer) for layer in layers])
    assert (target / "run/pipe").is_fifo()


def test_another_driver_gets_files_of_its_own(tmp_path: Path, layers: list[Path]) -> None:
    folders = [tmp_path / name for name in ("cache", "copies", "owners")]
    for folder in folders:
        folder.mkdir()
    layer = writable(tmp_path / "owners/c", layers)
    spares = SpareTrees(folders[0])
    root = Path(CopyDriver(*folders, spares).prepare(layer)["merged"])
    assert (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")
    driver = CopyDriver(*folders)
    assert Path(driver.prepare(layer)["merged"]) == root
    assert not (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")
    assert (root / "usr/bin/kept").read_text() == "first kept"
    assert shared_tree.record(root) is None


def test_links_of_the_container_s_own_stay(tmp_path: Path, layers: list[Path]) -> None:
    root = made(layers, tmp_path / "r/m")
    (root / "usr/new").write_text("new")
    os.link(root / "usr/new", root / "usr/too")
    (root / "usr/bin/linked").chmod(0o444)
    shared_tree.own(root)
    assert (root / "usr/too").samefile(root / "usr/new")
    assert (root / "usr/bin/linked").samefile(root / "usr/bin/kept")
    assert not (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")
    assert (root / "usr/bin/kept").stat().st_mode & 0o777 == 0o444


def test_what_cannot_be_copied_stays_recorded(
    tmp_path: Path, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(layers, tmp_path / "r/m")

    def fail(_: WalkedFile) -> list[str]:
        raise PermissionError(errno.EACCES, "no permission")

    monkeypatch.setattr(WalkedFile, "names", fail)
    with pytest.raises(PermissionError):
        shared_tree.own(root)
    assert shared_tree.record(root) is not None


def test_without_an_exchange_of_files_they_are_copied(
    tmp_path: Path, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(syscalls, "exchange", fail)
    root = made(layers, tmp_path / "r/m")
    assert shared_tree.record(root) is None
    assert (root / "usr/bin/kept").read_text() == "first kept"
    assert not (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")


@pytest.mark.parametrize("links", [True, False])
def test_after_a_crash_it_is_made_again(tmp_path: Path, layers: list[Path], *, links: bool) -> None:
    root = made(layers, tmp_path / "r/m")
    before = content(root)
    (tmp_path / "r/copied").unlink()
    if not links:
        os.mkfifo(layers[0] / "usr/bin/pipe")
    made(layers, root)
    assert content(root) == before
    assert copy_tree.is_complete(root)
    assert (shared_tree.record(root) is not None) == links


def test_on_another_device_files_are_copied(tmp_path: Path, layers: list[Path]) -> None:
    root = made(layers, tmp_path / "r/m")
    record = json.loads((tmp_path / "r/shared").read_text())
    (tmp_path / "r/shared").write_text(json.dumps(record | {"device": 1}))
    shared_tree.own_if_moved(root)
    assert shared_tree.record(root) is None
    assert not (root / "usr/bin/kept").samefile(layers[0] / "usr/bin/kept")
