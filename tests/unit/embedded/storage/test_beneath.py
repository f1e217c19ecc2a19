"""Paths below a folder that others write to, opened by the kernel and by our fallback."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.storage.beneath import open_beneath


@pytest.fixture(params=["openat2", "walk"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Return a folder with hostile links, and a secret file outside."""
    (tmp_path / "secret").write_text("secret")
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "a/file").write_text("inside")
    for name, target in {"in": "a", "out": "..", "absolute": "/", "loop": "loop"}.items():
        (tree / name).symlink_to(target)
    if request.param == "walk":

        def hidden(*_args: object, **_options: object) -> int:
            raise OSError(errno.ENOSYS, "hidden")

        monkeypatch.setattr(syscalls, "open_beneath", hidden)
    fd = os.open(tree, os.O_PATH | os.O_DIRECTORY)
    yield fd
    os.close(fd)


@pytest.mark.parametrize(("path", "name"), [("", "tree"), ("a/b", "b"), ("./a//b/.", "b")])
def test_folders(folder: int, path: str, name: str) -> None:
    fd = open_beneath(folder, path)
    assert Path(f"/proc/self/fd/{fd}").readlink().name == name
    os.close(fd)


def test_a_file_is_opened_with_flags(folder: int) -> None:
    fd = open_beneath(folder, "a/file", os.O_RDONLY)
    assert os.read(fd, 9) == b"inside"
    os.close(fd)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("..", errno.EXDEV), ("a/../..", errno.EXDEV), ("/etc", errno.EXDEV),
        ("in", errno.ELOOP), ("in/b", errno.ELOOP), ("out/secret", errno.ELOOP),
        ("absolute/etc", errno.ELOOP), ("loop", errno.ELOOP),
        ("none", errno.ENOENT), ("none/x", errno.ENOENT), ("a/file/x", errno.ENOTDIR),
    ],
)  # fmt: skip
def test_paths_that_are_refused(folder: int, path: str, error: int) -> None:
    with pytest.raises(OSError, match=r".*") as caught:
        open_beneath(folder, path)
    # the walk meets a link to a file or a folder as what it is not: a folder
    assert caught.value.errno in {error, errno.ENOTDIR if error == errno.ELOOP else error}


@pytest.mark.parametrize("folder", ["openat2"], indirect=True)
def test_links_may_be_followed(folder: int) -> None:
    fd = open_beneath(folder, "a/b/../../in/file", os.O_RDONLY, links=True)
    assert os.read(fd, 9) == b"inside"
    os.close(fd)
    for path in ("out/secret", "absolute/etc", "in/../out"):
        with pytest.raises(OSError, match=r".*") as caught:
            open_beneath(folder, path, links=True)
        assert caught.value.errno == errno.EXDEV
