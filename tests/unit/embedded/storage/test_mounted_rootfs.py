"""Paths of a container lead into what is mounted, where nothing is mounted on the host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docker_magics.embedded.containers.tree import pack_tree
from docker_magics.embedded.storage.mounted_rootfs import MountedRootfs


@pytest.fixture
def root(tmp_path: Path) -> MountedRootfs:
    """A root with a volume mounted over the files of /data, and a file mounted at /etc/name."""
    for name in ("root/data", "root/etc", "root/bin", "volume/sub"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "root/bin/tool").write_text("root's")
    (tmp_path / "root/data/hidden").write_text("root's")
    (tmp_path / "root/to-data").symlink_to("/data/sub")
    (tmp_path / "volume/sub/f").write_text("volume's")
    (tmp_path / "volume/tool").symlink_to("/bin/tool")
    (tmp_path / "volume/up").symlink_to("../../../etc/name")
    (tmp_path / "name").write_text("own")
    mounts = [(tmp_path / "volume", "/data"), (tmp_path / "name", "/etc/name")]
    mounts.append((tmp_path / "name", "/to-data/deep"))
    return MountedRootfs(tmp_path / "root", [(str(source), target) for source, target in mounts])


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/bin/tool", "root's"),
        ("/data/sub/f", "volume's"),
        ("/to-data/f", "volume's"),
        ("/data/tool", "root's"),
        ("/data/up", "own"),
        ("/data/../etc/name", "own"),
        ("data/sub/deep", "own"),
    ],
)
def test_files(root: MountedRootfs, path: str, content: str) -> None:
    assert root.read_text(path) == content


@pytest.mark.parametrize("path", ["/data/hidden", "/etc/name/x", "/data/none", "/name", "/volume"])
def test_what_is_not_there(root: MountedRootfs, path: str) -> None:
    assert not root.exists(path)


def test_paths_stay_the_container_s(root: MountedRootfs, tmp_path: Path) -> None:
    assert root.resolve("/to-data/f") == "/data/sub/f"
    assert root.locate("/data/sub") == (tmp_path / "volume", "/sub")
    assert root.locate("/etc/name") == (tmp_path, "name")
    assert root.locate("/datax") == (tmp_path / "root", "/datax")
    with pytest.raises(FileNotFoundError):
        root.resolve("/none")


def test_folders_are_made_in_a_volume(root: MountedRootfs, tmp_path: Path) -> None:
    os.close(root.make_dirs("/data/new/folder"))
    assert (tmp_path / "volume/new/folder").is_dir()
    os.close(root.make_dirs("/new"))
    assert (tmp_path / "root/new").is_dir()


def test_a_volume_is_packed(root: MountedRootfs) -> None:
    content = b"".join(pack_tree(root, "/data"))
    assert b"data/sub/f" in content
    assert b"hidden" not in content
    assert root.lstat("/data").st_ino == root.stat("/data/.").st_ino
    assert b"volume's" in b"".join(pack_tree(root, "/to-data/."))
