"""Paths in a container's root are resolved inside it, by the kernel and by our fallback."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import open_below

from docker_magics.embedded import syscalls
from docker_magics.embedded.storage import ownership
from docker_magics.embedded.storage.rootfs import Rootfs


@pytest.fixture(params=["openat2", "walk"])
def root(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rootfs]:
    """Return a root with hostile links, and a secret file outside."""
    (tmp_path / "secret").write_text("secret")
    tree = tmp_path / "root"
    (tree / "etc/deep").mkdir(parents=True)
    (tree / "etc/file").write_text("inside")
    (tree / "secret").write_text("decoy")
    links = {
        "absolute": "/etc/file", "up": "../../../../../../etc/file", "out": "../secret",
        "folder": "etc", "etc/deep/back": "../file", "loop": "loop", "a": "b", "b": "a",
        "dangling": "/nowhere", "host": str(tmp_path / "secret"), "rooted": "/",
    }  # fmt: skip
    for name, target in links.items():
        (tree / name).symlink_to(target)
    if request.param == "walk":

        def hidden(*_args: object) -> int:
            raise OSError(errno.ENOSYS, "hidden")

        monkeypatch.setattr(syscalls, "open_in_root", hidden)
    with Rootfs(tree) as root:
        yield root


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/file", b"inside"),
        ("etc//./file", b"inside"),
        ("/absolute", b"inside"),
        ("/up", b"inside"),
        ("/folder/file", b"inside"),
        ("/etc/deep/back", b"inside"),
        ("/../../../etc/file", b"inside"),
        ("/etc/../../secret", b"decoy"),
        ("/out", b"decoy"),
        ("/rooted/rooted/etc/deep/../file", b"inside"),
    ],
)
def test_links_stay_inside(root: Rootfs, path: str, text: bytes) -> None:
    assert root.read(path) == text
    assert root.read_text(path) == text.decode()
    assert root.exists(path)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/host", errno.ENOENT),
        ("/missing", errno.ENOENT),
        ("/dangling", errno.ENOENT),
        ("/loop", errno.ELOOP),
        ("/a", errno.ELOOP),
        ("/etc/file/below", errno.ENOTDIR),
        ("/etc", errno.EINVAL),
    ],
)
def test_paths_that_are_not_files(root: Rootfs, path: str, error: int) -> None:
    with pytest.raises(OSError, match=r".*") as caught:
        root.read(path)
    assert caught.value.errno == error
    assert root.read_text(path) == ""


def test_a_pipe_does_not_block(root: Rootfs) -> None:
    os.mkfifo(root.path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        root.read("/pipe")


def test_no_descriptor_leaks(root: Rootfs) -> None:
    before = open_below(root.path)
    for path in ("/etc", "/etc/file", "/missing", "/loop", "/absolute"):
        root.read_text(path)
        root.exists(path)
    assert open_below(root.path) == before


def test_a_limit(root: Rootfs) -> None:
    assert root.read("/etc/file", 3) == b"ins"


def test_status(root: Rootfs) -> None:
    assert root.stat("/absolute").st_size == 6
    assert root.lstat("/absolute").st_size == len("/etc/file")
    assert os.path.samestat(root.lstat("/"), root.stat("/etc/.."))
    assert not root.exists("/dangling")


@pytest.mark.parametrize(("follow", "resolved"), [(True, "/etc/file"), (False, "/absolute")])
def test_a_link_itself(root: Rootfs, resolved: str, *, follow: bool) -> None:
    fd = root.open_folder_or_file("/absolute", follow=follow)
    try:
        assert Path(f"/proc/self/fd/{fd}").readlink() == Path(f"{root.path}{resolved}")
    finally:
        os.close(fd)


def test_resolve(root: Rootfs) -> None:
    assert root.resolve("/up") == "/etc/file"
    assert root.resolve("/folder/deep/..") == "/etc"
    assert root.resolve("/rooted") == "/"


def test_folders_are_created_inside(root: Rootfs) -> None:
    os.close(root.make_dirs("/folder/new/deeper"))
    assert (root.path / "etc/new/deeper").stat().st_mode & 0o777 == 0o755
    os.close(root.make_dirs("/../../up2/x", os.getuid(), os.getgid()))
    assert (root.path / "up2/x").is_dir()
    os.close(root.make_dirs("/etc"))
    for path in ("/etc/file", "/etc/file/x"):
        with pytest.raises(NotADirectoryError):
            os.close(root.make_dirs(path))


def test_files_are_created_inside(root: Rootfs) -> None:
    os.close(root.make_file("/new/file"))
    assert (root.path / "new/file").read_bytes() == b""
    os.close(root.make_file("/etc/file"))
    assert (root.path / "etc/file").read_text() == "inside"
    with pytest.raises(OSError, match=r".*"):
        root.make_file("/dangling")
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/etc/file", "/etc/file"), ("/folder//./deep/back", "/etc/file"), ("/", "/"),
        ("/dangling", "/nowhere"), ("/dangling/x/../y", "/nowhere/y"), ("/../up/../x", "/etc/x"),
        ("/etc/file/below", "/etc/file/below"), ("/rooted/../folder/new", "/etc/new"),
    ],
)  # fmt: skip
def test_links_are_followed_to_what_is_missing(root: Rootfs, path: str, real: str) -> None:
    assert root.follow_links(path) == real


def test_a_loop_of_links_leads_nowhere(root: Rootfs) -> None:
    with pytest.raises(OSError, match=r".*") as caught:
        root.follow_links("/a/x")
    assert caught.value.errno == errno.ELOOP


def test_a_closed_root(root: Rootfs) -> None:
    root.close()
    root.close()
    with pytest.raises(OSError, match=r".*"):
        root.stat("/etc")


def test_deep_directories_are_made(root: Rootfs, tmp_path: Path) -> None:
    depth = 1500  # beyond Python's limit of recursion
    try:
        directory = root.make_dirs("/deep" + "/d" * depth)
        os.close(directory)
        command = ["find", tmp_path, "-path", "*/deep/*", "-type", "d"]
        made = subprocess.run(command, capture_output=True, check=True)
        assert made.stdout.count(b"\n") == depth
    finally:
        subprocess.run(["rm", "-rf", *tmp_path.iterdir()], check=True)


@pytest.mark.parametrize("failure", [errno.EPERM, errno.EINVAL, errno.EIO])
def test_owners_that_cannot_be_set(monkeypatch: pytest.MonkeyPatch, failure: int) -> None:
    def chown(*_args: object, **_options: object) -> None:
        raise OSError(failure, "refused")

    monkeypatch.setattr(os, "chown", chown)
    if failure == errno.EIO:
        with pytest.raises(OSError, match="refused"):
            ownership.lchown("file", 1, 1)
    else:
        ownership.lchown("file", 1, 1)


@pytest.mark.parametrize("disturbed", [3, 1000])
def test_renames_elsewhere_do_not_disturb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disturbed: int
) -> None:
    """openat2 fails with EAGAIN where `..` is followed while any folder is renamed."""
    calls = 0

    def open_in_root(*arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls <= disturbed:
            raise OSError(errno.EAGAIN, "disturbed")
        return real(*arguments)

    real = syscalls.open_in_root
    monkeypatch.setattr(syscalls, "open_in_root", open_in_root)
    (tmp_path / "f").write_text("text")
    with Rootfs(tmp_path) as root:
        assert root.read("/../f") == b"text"
