"""Files that move between folders of linked and of copied files become the container's own."""

from __future__ import annotations

import errno
import os
import socket
import struct
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import moved_files
from docker_magics.embedded.runtime.file_broker import FileBroker
from docker_magics.embedded.runtime.moved_files import MovedFiles, Name
from docker_magics.embedded.runtime.own_files import OwnFiles
from docker_magics.embedded.storage import shared_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root that shares /usr/f and a link with a layer, and has copies in /etc."""
    layer, root = tmp_path / "layer", tmp_path / "r/m"
    for name in ("usr", "etc"):
        (layer / name).mkdir(parents=True)
        (layer / name / "f").write_text("image")
    (layer / "usr/link").symlink_to("f")
    root.mkdir(parents=True)
    shared_tree.make([str(layer)], root)
    return root


def own_of(root: Path) -> OwnFiles:
    """Return what opens the own files of a root."""
    files = shared_tree.record(root)
    assert files is not None
    return OwnFiles(root, files)


def place(path: Path) -> Name:
    """Return a path as a name in a folder."""
    return Name(os.open(path.parent, os.O_PATH | os.O_DIRECTORY), path.name)


def names_beside(root: Path) -> set[str]:
    """Return what is beside a root: no draft is left there."""
    return {path.name for path in root.parent.iterdir() if not path.name.endswith("-copy")}


def raise_full(_: str) -> None:
    """Act as on a full disk."""
    raise OSError(errno.ENOSPC, "it is full")


def test_an_image_s_file_is_copied(root: Path, tmp_path: Path) -> None:
    before, beside = (tmp_path / "layer/usr/f").stat(), names_beside(root)
    moved = MovedFiles(own_of(root)).move(place(root / "usr/f"), place(root / "etc/g"))
    target = root / "etc/g"
    assert not (root / "usr/f").exists()
    assert target.read_text() == "image"
    assert target.stat().st_ino == os.fstat(moved).st_ino != before.st_ino
    assert (target.stat().st_mode, target.stat().st_mtime) == (before.st_mode, before.st_mtime)
    assert names_beside(root) == beside


def test_a_link_is_the_same_file(root: Path, tmp_path: Path) -> None:
    beside = names_beside(root)
    moved = MovedFiles(own_of(root))
    moved.link(place(root / "usr/f"), place(root / "etc/g"))
    assert (root / "etc/g").samefile(root / "usr/f")
    assert not (root / "etc/g").samefile(tmp_path / "layer/usr/f")
    with pytest.raises(FileExistsError):
        moved.link(place(root / "usr/f"), place(root / "etc/g"))
    moved.link(place(root / "usr/link"), place(root / "etc/link"))
    assert (root / "etc/link").readlink() == Path("f")
    assert names_beside(root) == beside


def test_own_files_and_links_move_as_they_are(root: Path) -> None:
    (root / "usr/own").write_text("own")
    inode = (root / "usr/own").stat().st_ino
    moved = MovedFiles(own_of(root))
    moved.move(place(root / "usr/own"), place(root / "etc/f"))
    moved.move(place(root / "usr/link"), place(root / "etc/link"))
    assert (root / "etc/f").stat().st_ino == inode
    assert (root / "etc/link").is_symlink()


def test_names_of_one_file_stay(root: Path) -> None:
    (root / "usr/own").write_text("own")
    (root / "etc/own").hardlink_to(root / "usr/own")
    beside = names_beside(root)
    MovedFiles(own_of(root)).move(place(root / "usr/own"), place(root / "etc/own"))
    assert (root / "usr/own").samefile(root / "etc/own")
    assert names_beside(root) == beside


def test_a_folder_never_leaves_the_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it takes the place of a file meanwhile: `..` of what uses it is beside the root."""
    (root / "usr/folder").mkdir()
    monkeypatch.setattr(moved_files, "_check_kind", lambda _: None)
    folder = (root / "usr/folder").stat().st_ctime_ns
    with pytest.raises(PermissionError):
        MovedFiles(own_of(root)).move(place(root / "usr/folder"), place(root / "etc/new"))
    assert (root / "usr/folder").stat().st_ctime_ns == folder


def test_a_file_stays_if_no_copy_can_be_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, beside = own_of(root), names_beside(root)
    monkeypatch.setattr(own, "replace_draft", raise_full)
    with pytest.raises(OSError, match="full"):
        MovedFiles(own).move(place(root / "usr/f"), place(root / "etc/g"))
    assert (root / "usr/f").read_text() == "image"
    assert names_beside(root) == beside


def test_what_is_refused_stays(root: Path, tmp_path: Path) -> None:
    moved = MovedFiles(own_of(root))
    (root / "usr/folder").mkdir()
    (root / "etc/folder").mkdir()
    (tmp_path / "outside").write_text("outside")
    for source, target, number in (
        ("usr/folder", "etc/new", errno.EXDEV),
        ("../../outside", "etc/new", errno.EXDEV),
        ("usr/f", "../../new", errno.EXDEV),
        ("usr/f", "etc/folder", errno.EISDIR),
        ("usr/none", "etc/new", errno.ENOENT),
    ):
        with pytest.raises(OSError) as caught:  # noqa: PT011 - errno tells which
            moved.move(place(root / source), place(root / target))
        assert caught.value.errno == number
    for name in ("", ".", "..", "../f", "folder/../f"):
        with pytest.raises(OSError, match="no name"):
            moved.move(Name(place(root / "usr/f").folder, name), place(root / "etc/new"))
    assert (root / "usr/f").read_text() == "image"
    assert (root / "usr/folder").is_dir()
    assert (tmp_path / "outside").read_text() == "outside"
    assert not (root / "etc/new").exists()


def test_a_request(root: Path) -> None:
    files = shared_tree.record(root)
    assert files is not None
    broker = FileBroker(root, files)
    fd = broker.connect()
    broker.start(os.getpid())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with socket.socket(fileno=fd) as requests, ours, theirs:
        folders = [place(root / name / "f").folder for name in ("usr", "etc")]
        request = struct.pack("Q256s256s", 0, b"f", b"g")
        socket.send_fds(requests, [request], [theirs.fileno(), *folders])
        answer, fds, _, _ = socket.recv_fds(ours, 8, 1)
    assert struct.unpack("q", answer) == (0,)
    assert os.fstat(fds[0]).st_ino == (root / "etc/g").stat().st_ino
