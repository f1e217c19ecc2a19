"""Merged layers, whiteouts, and the storage drivers."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
from pathlib import Path

import pytest
from unit.embedded.fakes import make_deep

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.storage import copy_tree, whiteouts
from docker_magics.embedded.storage.base_layers import BaseLayers
from docker_magics.embedded.storage.copy import CopyDriver
from docker_magics.embedded.storage.copy_cache import RootfsCache
from docker_magics.embedded.storage.driver import StorageDriver, WritableLayer
from docker_magics.embedded.storage.layer_view import LayerView
from docker_magics.embedded.storage.overlay import OverlayDriver
from docker_magics.embedded.storage.tree_walk import walk


def make_whiteout(folder: Path, name: str = "") -> None:
    """Make a whiteout in a folder; without a name, make the folder opaque."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        whiteouts.make_whiteout(name, fd) if name else whiteouts.make_opaque(fd)
    finally:
        os.close(fd)


@pytest.fixture
def layers(tmp_path: Path) -> list[Path]:
    """Return a lower and an upper layer."""
    lower, upper = tmp_path / "lower", tmp_path / "upper"
    for path in ("etc/app", "lib/deep", "hidden"):
        (lower / path).mkdir(parents=True)
    for path in ("etc/passwd", "etc/app/conf", "lib/deep/a", "hidden/x", "gone"):
        (lower / path).write_text(f"lower {path}")
    (lower / "bin").symlink_to("lib/deep")
    (upper / "etc").mkdir(parents=True)
    (upper / "etc/passwd").write_text("upper")
    (upper / "hidden").mkdir()
    (upper / "hidden/y").write_text("y")
    make_whiteout(upper, "gone")
    make_whiteout(upper / "hidden")
    for name, target in {"loop": "loop", "up": "../../../etc/passwd", "abs": "/etc"}.items():
        (upper / name).symlink_to(target)
    return [lower, upper]


def test_the_topmost_version_is_visible(layers: list[Path]) -> None:
    view = LayerView(layers)
    assert view.read("/etc/passwd") == "upper"
    assert view.read("/etc/app/conf") == "lower etc/app/conf"
    assert view.names("/etc") == ["app", "passwd"]
    assert view.names("/") == ["abs", "bin", "etc", "hidden", "lib", "loop", "up"]


def test_whiteouts_hide(layers: list[Path]) -> None:
    view = LayerView(layers)
    assert view.stat("/gone") is None
    assert view.names("/hidden") == ["y"]
    assert view.stat("/hidden/x") is None
    assert LayerView(layers[:1]).read("/gone") == "lower gone"


def test_links_stay_in_the_tree(layers: list[Path]) -> None:
    view = LayerView(layers)
    assert view.read("/up") == "upper"
    assert view.read("/bin/a") == "lower lib/deep/a"
    assert view.resolve("/abs/app/../passwd") == "/etc/passwd"
    assert view.resolve("/../..") == "/"
    assert view.stat("/loop") is None
    assert view.resolve("/bin/new/file") is None
    assert view.resolve("/bin/new/file", missing=True) == "/lib/deep/new/file"
    link = view.lstat("/bin")
    assert link is not None
    assert link.is_link
    for path in ("/", "/bin/.", "/etc/.."):
        entry = view.lstat(path)
        assert entry is not None
        assert entry.is_folder, path


def test_a_file_is_not_a_folder(layers: list[Path]) -> None:
    view = LayerView(layers)
    assert view.names("/etc/passwd") == []
    assert view.names("/missing") == []
    assert view.stat("/etc/passwd/x") is None
    assert view.read("/etc") == ""


def test_whiteouts_without_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unprivileged user cannot create devices; an extended attribute replaces them."""

    def mknod(*_args: object, **_options: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "mknod", mknod)
    (tmp_path / "file").write_text("replaced")
    make_whiteout(tmp_path, "file")
    path = tmp_path / "file"
    assert stat.S_ISREG(path.lstat().st_mode)
    assert whiteouts.is_whiteout(str(path), path.lstat())


@pytest.mark.parametrize("name", ["empty", "full", "folder", "link"])
def test_other_files_are_no_whiteouts(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("empty")
    path = tmp_path / name
    assert not whiteouts.is_whiteout(str(path), path.lstat())
    assert not whiteouts.is_opaque(str(path))


def test_opaque_folders_without_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.setxattr

    def setxattr(path: str, name: str, value: bytes) -> None:
        if name.startswith("trusted."):
            raise PermissionError
        real(path, name, value)

    monkeypatch.setattr(os, "setxattr", setxattr)
    make_whiteout(tmp_path)
    assert whiteouts.is_opaque(str(tmp_path))
    assert os.getxattr(tmp_path, "user.overlay.opaque") == b"y"


def writable(folder: Path, layers: list[Path]) -> WritableLayer:
    """Return a new writable layer."""
    folder.mkdir()
    layer = WritableLayer(folder, tuple(map(str, layers)))
    layer.create()
    return layer


def test_the_overlay_driver_refuses_more_layers_than_the_kernel_takes(tmp_path: Path) -> None:
    driver = OverlayDriver(userxattr=False)
    lower = [str(number) for number in range(500)]
    driver.prepare(WritableLayer(tmp_path, (*lower, "0")))
    with pytest.raises(BadParameter, match="cannot mount the image's 501 layers"):
        driver.prepare(WritableLayer(tmp_path, (*lower, "500")))


@pytest.mark.parametrize("userxattr", [True, False])
def test_the_overlay_driver_copies_nothing(
    tmp_path: Path, layers: list[Path], *, userxattr: bool
) -> None:
    driver: StorageDriver = OverlayDriver(userxattr=userxattr)
    layer = writable(tmp_path / "c", layers)
    rootfs = driver.prepare(layer, readonly=True)
    assert rootfs == {
        "lower": [str(path) for path in layers],
        "upper": f"{tmp_path}/c/upper",
        "work": f"{tmp_path}/c/work",
        "merged": f"{tmp_path}/c/merged",
        "readonly": True,
        "userxattr": userxattr,
    }
    assert list(layer.merged.iterdir()) == []
    assert driver.changes(layer) == layer.upper
    driver.release(layer)
    assert layer.upper.is_dir()


@pytest.fixture
def copy_folders(tmp_path: Path) -> list[Path]:
    """The folders of a copy driver: recycled copies, copies, their owners."""
    folders = [tmp_path / name for name in ("cache", "copies", "owners")]
    for path in folders:
        path.mkdir()
    return folders


def test_the_copy_driver_copies_and_finds_changes(
    tmp_path: Path, layers: list[Path], copy_folders: list[Path]
) -> None:
    driver: StorageDriver = CopyDriver(*copy_folders)
    layer = writable(tmp_path / "owners/c", layers)
    for _ in range(2):  # idempotent
        merged = Path(driver.prepare(layer)["merged"])
    assert (merged / "etc/passwd").read_text() == "upper"
    assert not (merged / "gone").exists()
    assert driver.changes(layer) == layer.upper
    assert list(layer.upper.iterdir()) == []
    (merged / "etc/new").mkdir()
    (merged / "etc/new/file").write_text("new")
    (merged / "etc/passwd").write_text("changed")
    (merged / "hidden/y").unlink()
    assert [file.path for file in walk(driver.changes(layer))] == [
        "", "etc", "etc/new", "etc/new/file", "etc/passwd", "hidden", "hidden/y",
    ]  # fmt: skip
    whiteout = layer.upper / "hidden/y"
    assert whiteouts.is_whiteout(str(whiteout), whiteout.lstat())
    driver = CopyDriver(*copy_folders)
    assert merged.exists(), "an engine that starts keeps the copies of its containers"
    driver.release(layer, in_use=True)
    assert list((tmp_path / "cache").iterdir()) == [], "a killed process may still write to it"
    driver.prepare(layer)
    driver.release(layer)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_container_mounts_several_images(
    tmp_path: Path, layers: list[Path], copy_folders: list[Path]
) -> None:
    driver = CopyDriver(*copy_folders)
    owner = writable(tmp_path / "owners/c", layers)
    for name, layer in zip("ab", layers, strict=True):
        rootfs = driver.prepare_image(owner, [str(layer)], tmp_path / "images" / name)
        assert (Path(rootfs["merged"]) / "etc/passwd").exists(), name


def test_the_paths_of_copies_are_short_and_leftovers_are_removed(
    tmp_path: Path, layers: list[Path], copy_folders: list[Path]
) -> None:
    layer = writable(tmp_path / "owners" / ("0" * 64), layers)
    merged = CopyDriver(*copy_folders).prepare(layer)["merged"]
    assert len(merged.removeprefix(str(tmp_path))) < 25
    shutil.rmtree(layer.folder)
    CopyDriver(*copy_folders)
    assert list((tmp_path / "copies").iterdir()) == []


def test_changes_of_every_kind(deep_path: Path, layers: list[Path]) -> None:
    """Links, FIFOs, sockets, deep folders, folders that are moved in; parents keep their modes."""
    (layers[0] / "etc").chmod(0o1777)
    merged, upper = deep_path / "c/merged", deep_path / "c/upper"
    merged.mkdir(parents=True)
    upper.mkdir()
    copy_tree.copy([str(path) for path in layers], merged)
    (merged / "etc/l").symlink_to("/nowhere")
    os.mkfifo(merged / "etc/fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as sock, contextlib.chdir(merged):
        sock.bind("sock")
    (merged / "lib").rename(merged / "moved")
    make_deep(merged, 1200)
    (merged / "closed").mkdir()
    (merged / "closed/f").write_text("new")
    (merged / "closed").chmod(0o500)
    copy_tree.changes([str(path) for path in layers], merged, upper)
    assert (upper / "etc/l").readlink() == Path("/nowhere")
    assert stat.S_ISFIFO((upper / "etc/fifo").stat().st_mode)
    assert stat.S_IMODE((upper / "etc/fifo").stat().st_mode) == 0o640
    modes = {stat.S_IMODE((path / "etc").stat().st_mode) for path in (upper, merged)}
    assert len(modes) == 1
    assert (upper / "moved/deep/a").read_text() == "lower lib/deep/a"
    assert whiteouts.is_whiteout(str(upper / "lib"), (upper / "lib").lstat())
    assert (upper / "closed/f").read_text() == "new"
    assert stat.S_IMODE((upper / "closed").stat().st_mode) == 0o500
    assert (upper / ("d/" * 1200)).is_dir()
    assert not (upper / "sock").exists()


def test_layers_with_deep_folders(deep_path: Path) -> None:
    deep = "d/" * 1200
    layers = [deep_path / name for name in ("first", "second")]
    for layer in layers:
        layer.mkdir()
        make_deep(layer, 1200)
        (layer / deep / layer.name).touch()
    view = LayerView(layers)
    assert view.names(deep) == ["first", "second"]
    assert view.entry(f"{deep}first") is not None
    assert view.entry("d/" * 3000) is None
    cache = RootfsCache(deep_path)
    trees = [deep_path / name / "merged" for name in "ab"]
    for tree in trees:
        tree.mkdir(parents=True)
    cache.copy([str(layers[0])], trees[0])
    cache.keep([str(layers[0])], trees[0])
    cache.copy([str(path) for path in layers], trees[1])
    assert (trees[1] / deep / "second").exists()


def test_a_failed_copy(tmp_path: Path, layers: list[Path]) -> None:
    with pytest.raises(ApiError, match=r"cannot copy the image's files: .*missing"):
        copy_tree.copy([str(layers[0]), str(tmp_path / "missing")], tmp_path / "merged")


def test_base_layers(tmp_path: Path, layers: list[Path]) -> None:
    base = BaseLayers(tmp_path / "root", single_id=True)
    completed = base.complete(layers)
    assert completed[:2] == [str(path) for path in layers]
    view = LayerView(completed)
    for path in ("/dev/pts", "/dev/shm", "/proc", "/sys"):
        entry = view.stat(path)
        assert entry is not None
        assert entry.is_folder
    for path in ("/etc/hosts", "/etc/resolv.conf", "/.dockerenv"):
        assert view.stat(path) is not None
    mtab = view.lstat("/etc/mtab")
    assert mtab is not None
    assert Path(mtab.path).readlink() == Path("/proc/mounts")
    assert base.complete(layers) == completed
    assert BaseLayers(tmp_path / "root", single_id=True).complete(layers) == completed


def test_apt_does_not_drop_privileges_with_one_id(tmp_path: Path, layers: list[Path]) -> None:
    (layers[0] / "etc/apt/apt.conf.d").mkdir(parents=True)
    path = "/etc/apt/apt.conf.d/99sandbox"
    single = LayerView(BaseLayers(tmp_path / "root", single_id=True).complete(layers))
    assert single.read(path) == 'APT::Sandbox::User "root";\n'
    many = LayerView(BaseLayers(tmp_path / "root", single_id=False).complete(layers))
    assert many.stat(path) is None


def test_an_image_without_layers(tmp_path: Path) -> None:
    (mount_points,) = BaseLayers(tmp_path / "root", single_id=True).complete([])
    assert Path(mount_points, "etc/hosts").exists()
