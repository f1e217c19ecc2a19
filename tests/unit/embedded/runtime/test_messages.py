"""Messages and descriptors over unix sockets."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import messages


def test_messages_keep_their_boundaries() -> None:
    ours, theirs = messages.pair()
    with ours, theirs:
        for number in range(3):
            messages.send(ours, {"number": number})
        received = [messages.receive(theirs) for _ in range(3)]
        assert received == [({"number": number}, []) for number in range(3)]


def test_the_end_is_none() -> None:
    ours, theirs = messages.pair()
    ours.close()
    with theirs:
        assert messages.receive(theirs) is None


def test_descriptors_arrive_and_are_not_inherited() -> None:
    ours, theirs = messages.pair()
    reader, writer = os.pipe()
    with ours, theirs:
        os.set_inheritable(writer, True)  # noqa: FBT003 - a positional parameter
        messages.send(ours, {}, (writer,))
        os.close(writer)
        received = messages.receive(theirs)
        assert received is not None
        (fd,) = received[1]
        assert not os.get_inheritable(fd)
        os.write(fd, b"through it")
        os.close(fd)
        assert os.read(reader, 100) == b"through it"
        os.close(reader)


def test_sockets_in_folders_with_long_paths(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a" * 100] * 3)
    folder.mkdir(parents=True)
    with messages.listen(folder, "s") as listener:
        assert (folder / "s").stat().st_mode & 0o777 == 0o600
        with messages.connect(folder, "s") as client, listener.accept()[0] as server:
            messages.send_line(client, {"a": 1})
            assert messages.receive_line(server) == {"a": 1}


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    messages.listen(tmp_path, "s").close()
    with pytest.raises(ConnectionRefusedError):
        messages.connect(tmp_path, "s")
    with messages.listen(tmp_path, "s"), messages.connect(tmp_path, "s") as client:
        assert client.getpeername().endswith("/s")


def test_nothing_listens(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        messages.connect(tmp_path, "s")
    with pytest.raises(FileNotFoundError):
        messages.connect(tmp_path / "missing", "s")


def test_a_line_is_read_and_not_a_byte_more() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b'{"text": "\\n"}\nwhat follows')
        assert messages.receive_line(theirs) == {"text": "\n"}
        assert theirs.recv(100) == b"what follows"


def test_lines_that_are_cut_off_or_not_json() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(b'no JSON\n{"op"')
        with pytest.raises(ValueError, match="Expecting value"):
            messages.receive_line(theirs)
        with pytest.raises(ConnectionError, match="closed the connection"):
            messages.receive_line(theirs)
