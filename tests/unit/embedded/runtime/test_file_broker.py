"""The broker opens a container's own files alone, and makes an image's files its own."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import own_files
from docker_magics.embedded.runtime.file_broker import FileBroker
from docker_magics.embedded.runtime.own_files import OwnFiles
from docker_magics.embedded.storage import shared_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root that shares /usr/f with a layer."""
    layer, root = tmp_path / "layer", tmp_path / "r/m"
    (layer / "usr").mkdir(parents=True)
    (layer / "usr/f").write_text("image")
    (layer / "usr/g").write_text("another")
    (layer / "usr/f").chmod(0o640)
    os.utime(layer / "usr/f", (1, 2))
    root.mkdir(parents=True)
    shared_tree.make([str(layer)], root)
    return root


def record(root: Path) -> shared_tree.SharedFiles:
    """Return which files are shared."""
    files = shared_tree.record(root)
    assert files is not None
    return files


def look(path: Path) -> int:
    """Open a file as those who ask do."""
    return os.open(path, os.O_PATH | os.O_NOFOLLOW)


def test_an_image_s_file_is_copied_in_its_place(root: Path, tmp_path: Path) -> None:
    times = (root / "usr").stat().st_mtime_ns
    fd = OwnFiles(root, record(root)).open(look(root / "usr/f"), os.O_WRONLY | os.O_APPEND)
    os.write(fd, b" and more")
    assert (root / "usr/f").read_text() == "image and more"
    assert (tmp_path / "layer/usr/f").read_text() == "image"
    assert Path(f"/proc/self/fd/{fd}").readlink() == root / "usr/f"
    assert stat.S_IMODE((root / "usr/f").stat().st_mode) == 0o640
    assert (root / "usr").stat().st_mtime_ns == times
    assert {path.name for path in (root / "usr").iterdir()} == {"f", "g"}
    names = {path.name for path in root.parent.iterdir() if not path.is_symlink()}
    assert names == {"copied", "m", "shared"}


def test_a_file_that_was_opened_before_its_copy_leads_to_the_copy(
    root: Path, tmp_path: Path
) -> None:
    own, before = OwnFiles(root, record(root)), look(root / "usr/f")
    own.open(look(root / "usr/f"), os.O_PATH)
    later = OwnFiles(root, record(root))  # of an exec
    assert os.path.samestat(os.fstat(later.open(before, os.O_PATH)), (root / "usr/f").stat())
    os.write(later.open(before, os.O_WRONLY | os.O_APPEND), b" and more")
    assert (root / "usr/f").read_text() == "image and more"
    assert (tmp_path / "layer/usr/f").read_text() == "image"
    (root / "usr/f").rename(root / "usr/g")
    os.link(tmp_path / "layer/usr/g", root / "usr/f")
    with pytest.raises(OSError, match="outside of the root") as caught:
        later.open(before, os.O_RDWR)
    assert caught.value.errno == errno.ESTALE


def test_other_changes_keep_content_and_times(root: Path, tmp_path: Path) -> None:
    fd = OwnFiles(root, record(root)).open(look(root / "usr/f"), os.O_PATH)
    Path(f"/proc/self/fd/{fd}").chmod(0o600)
    assert (root / "usr/f").read_text() == "image"
    assert (root / "usr/f").stat().st_mtime == 2
    assert stat.S_IMODE((tmp_path / "layer/usr/f").stat().st_mode) == 0o640


def test_a_filesystem_without_o_direct_truncates_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen = own_files._open  # noqa: SLF001

    def refuse(fd: int, status: os.stat_result, flags: int) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return reopen(fd, status, flags)

    monkeypatch.setattr(own_files, "_open", refuse)
    with pytest.raises(OSError, match="Invalid argument"):
        OwnFiles(root, record(root)).open(
            look(root / "usr/f"), os.O_WRONLY | os.O_TRUNC | os.O_DIRECT
        )
    assert (root / "usr/f").read_text() == "image"


def test_own_files_are_opened_as_they_are(root: Path) -> None:
    own = OwnFiles(root, record(root))
    (root / "usr/new").write_text("new")
    os.link(root / "usr/new", root / "usr/too")
    before = (root / "usr/new").stat().st_ino
    assert os.fstat(own.open(look(root / "usr/new"), os.O_RDWR)).st_ino == before
    assert os.fstat(own.open(look(root / "usr/too"), os.O_RDWR | os.O_TRUNC)).st_ino == before
    assert (root / "usr/new").read_text() == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_new_file_may_be_read_only(root: Path) -> None:
    (root / "usr/new").touch(0o444)
    own = OwnFiles(root, record(root))
    with pytest.raises(PermissionError):
        own.open(look(root / "usr/new"), os.O_WRONLY)
    own.open(look(root / "usr/new"), os.O_WRONLY | os.O_EXCL)
    assert stat.S_IMODE((root / "usr/new").stat().st_mode) == 0o444


def test_what_is_refused(root: Path, tmp_path: Path) -> None:
    own = OwnFiles(root, record(root))
    (tmp_path / "outside").touch()
    (root / "usr/link").symlink_to(tmp_path / "outside")
    for path in (tmp_path / "outside", root, root / "usr/link"):
        with pytest.raises(OSError, match=r"outside of the root|no file") as caught:
            own.open(look(path), os.O_RDWR)
        assert caught.value.errno == errno.EACCES
    for flags in (os.O_RDWR, os.O_PATH):
        with pytest.raises(OSError, match="outside of the root") as caught:
            own.open(look(tmp_path / "layer/usr/f"), flags)
        assert caught.value.errno == errno.ESTALE
    with pytest.raises(OSError, match="no image's") as caught:
        own.open(look(tmp_path / "outside"), os.O_PATH)
    assert caught.value.errno == errno.EXDEV
    removed = look(root / "usr/f")
    (root / "usr/f").unlink()
    with pytest.raises(OSError, match="removed"):  # one name is left: the layer's
        own.open(removed, os.O_RDWR)
    (root / "usr/f").touch()
    with pytest.raises(OSError, match="moved"):
        own.open(removed, os.O_RDWR)


def test_what_is_exchanged_meanwhile_is_not_opened(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = OwnFiles(root, record(root))
    (root / "usr/own").write_text("own")
    os.mkfifo(root / "usr/pipe")
    others = [root / "usr" / name for name in ("own", "pipe", "g")]

    def exchange(_: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            others.pop().rename(root / "usr/f")

    monkeypatch.setattr(fcntl, "flock", exchange)
    for _ in range(2):
        with pytest.raises(OSError, match="moved") as caught:
            own.open(look(root / "usr/f"), os.O_WRONLY)
        assert caught.value.errno == errno.ESTALE
        (root / "usr/f").unlink()
        os.link(tmp_path / "layer/usr/f", root / "usr/f")
    os.write(own.open(look(root / "usr/f"), os.O_WRONLY), b"new")
    assert (root / "usr/f").read_text() == "new"
    assert (tmp_path / "layer/usr/g").read_text() == "another"


def test_no_file_is_copied_to_a_root_that_was_moved(root: Path) -> None:
    own, fd, errors = OwnFiles(root, record(root)), look(root / "usr/f"), []

    def ask() -> None:
        with pytest.raises(OSError, match="root") as error:
            own.open(fd, os.O_WRONLY)
        errors.append(error.value.errno)

    folder = os.open(root.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)  # it waits for the lock, or finds that the root has moved
    moved = root.parent.rename(root.parent.with_name("next"))
    os.close(folder)
    asking.join()
    assert errors == [errno.ESTALE]
    assert os.fstat(fd).st_ino == (moved / "m/usr/f").stat().st_ino


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_read_only_file_keeps_its_content(root: Path) -> None:
    own = OwnFiles(root, record(root))
    (root / "usr/f").chmod(0o444)
    with pytest.raises(PermissionError):
        own.open(look(root / "usr/f"), os.O_WRONLY | os.O_TRUNC)
    assert (root / "usr/f").read_text() == "image"


def test_a_draft_of_an_earlier_shim_is_in_nobody_s_way(root: Path) -> None:
    own = OwnFiles(root, record(root))
    (root.parent / f"draft-{os.getpid()}-{threading.get_ident()}").touch()
    os.close(own.open(look(root / "usr/f"), os.O_WRONLY))


_REQUEST, _ANSWER = struct.Struct("Q"), struct.Struct("q")


def send(requests: socket.socket, path: Path, flags: int) -> socket.socket:
    """Ask for a file; return where the answer comes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        fd = look(path)
        socket.send_fds(requests, [_REQUEST.pack(flags)], [theirs.fileno(), fd])
        os.close(fd)
    return ours


def ask(requests: socket.socket, path: Path, flags: int) -> int:
    """Return a descriptor, or a negative error number."""
    with send(requests, path, flags) as ours:
        data, fds, _, _ = socket.recv_fds(ours, _ANSWER.size, 1)
    return int(fds[0] if fds else _ANSWER.unpack(data)[0])


@pytest.fixture
def requests(root: Path) -> Iterator[socket.socket]:
    """A connection of this process's to a broker."""
    broker = FileBroker(root, record(root))
    fd = broker.connect()
    assert os.get_inheritable(fd)
    broker.start(os.getpid())
    with socket.socket(fileno=fd) as client:
        yield client


def test_requests_and_answers(root: Path, requests: socket.socket, tmp_path: Path) -> None:
    os.write(ask(requests, root / "usr/f", os.O_WRONLY | os.O_TRUNC), b"x")
    assert (root / "usr/f").read_text() == "x"
    assert ask(requests, tmp_path, os.O_RDWR) == -errno.EACCES
    requests.send(b"nonsense")
    os.mkfifo(root / "usr/pipe")
    with send(requests, root / "usr/pipe", os.O_WRONLY) as writer:
        assert ask(requests, root / "usr/f", os.O_RDWR) > 0, "a pipe without a reader blocks others"
        reader = os.open(root / "usr/pipe", os.O_RDONLY)
        os.write(socket.recv_fds(writer, _ANSWER.size, 1)[1][0], b"through")
    assert os.read(reader, 9) == b"through"


def test_others_cannot_connect(root: Path) -> None:
    broker = FileBroker(root, record(root))
    fd = broker.connect()
    broker.start(1)
    with socket.socket(fileno=fd) as client:
        assert client.recv(1) == b"", "it is closed"
    broker.close()


def descriptors() -> int:
    """Return how many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_makes_no_sense_does_no_harm(root: Path, requests: socket.socket) -> None:
    os.close(ask(requests, root / "usr/f", os.O_RDWR))
    before = descriptors()
    no_socket = os.open(os.devnull, os.O_RDONLY)
    for _ in range(8):
        socket.send_fds(requests, [_REQUEST.pack(os.O_RDWR)], [no_socket, no_socket])
        requests.send(b"")
    os.close(no_socket)
    os.close(ask(requests, root / "usr/f", os.O_RDWR))
    deadline = time.monotonic() + 30
    while descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert descriptors() <= before


def is_same(link: Path, path: Path) -> bool:
    """Whether a descriptor leads to a file; not if it was closed meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        return link.samefile(path)
    return False


def test_what_comes_is_not_inherited(root: Path, requests: socket.socket) -> None:
    os.mkfifo(root / "usr/pipe")
    with send(requests, root / "usr/pipe", os.O_WRONLY):
        os.close(ask(requests, root / "usr/f", os.O_RDWR))  # it has come, and waits
        links = list(Path("/proc/self/fd").iterdir())
        pipes = [int(link.name) for link in links if is_same(link, root / "usr/pipe")]
        assert [os.get_inheritable(fd) for fd in pipes] == [False]
        os.close(os.open(root / "usr/pipe", os.O_RDONLY))


def test_few_pipes_wait(
    root: Path, requests: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(root / "usr/pipe")
    waiting = [send(requests, root / "usr/pipe", os.O_WRONLY) for _ in range(64)]
    assert ask(requests, root / "usr/pipe", os.O_WRONLY) == -errno.EAGAIN
    reader = os.open(root / "usr/pipe", os.O_RDONLY)
    for client in waiting:
        os.close(socket.recv_fds(client, _ANSWER.size, 1)[1][0])
        client.close()

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        assert ask(requests, root / "usr/pipe", os.O_WRONLY) == -errno.EAGAIN
    os.close(ask(requests, root / "usr/pipe", os.O_WRONLY))
    os.close(reader)


def test_a_pipe_is_given_up_when_its_opener_has_ended(root: Path, requests: socket.socket) -> None:
    os.mkfifo(root / "usr/pipe")
    waiting = [send(requests, root / "usr/pipe", os.O_WRONLY) for _ in range(64)]
    assert ask(requests, root / "usr/pipe", os.O_WRONLY) == -errno.EAGAIN
    waiting.pop().close()
    time.sleep(0.1)  # until its thread has begun to open the pipe
    with send(requests, root / "usr/pipe", os.O_WRONLY) as last:
        assert ask(requests, root / "usr/pipe", os.O_WRONLY) == -errno.EAGAIN
        reader = os.open(root / "usr/pipe", os.O_RDONLY)
        for client in [*waiting, last]:
            os.close(socket.recv_fds(client, _ANSWER.size, 1)[1][0])
    for client in waiting:
        client.close()
    os.close(reader)
