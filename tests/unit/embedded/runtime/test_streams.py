"""The relay: input and output of clients, back-pressure, and the process's exit."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker_magics.embedded.runtime import messages
from docker_magics.embedded.runtime.relay import Relay
from docker_magics.embedded.runtime.stdio import Stdio
from docker_magics.wire import frames


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answer other operations."""
    return {"asked": request["op"]}


@contextmanager
def running(
    folder: Path, script: str, *, stdin: bool = False, once: bool = False
) -> Iterator[None]:
    """Run a shell script once `go` exists, with a relay whose socket is folder/s."""
    stdio = Stdio(tty=False, stdin=stdin, once=once)
    assert stdio.theirs is not None
    their_in, their_out, their_err = stdio.theirs
    command = f"while ! [ -e {folder}/go ]; do sleep 0.01; done; {script}"
    with (
        subprocess.Popen(
            ["sh", "-c", command], stdin=their_in, stdout=their_out, stderr=their_err
        ) as process,
        messages.listen(folder, "s") as listener,
    ):
        stdio.close_theirs()
        relay = Relay(listener, process.pid, stdio, None, answer)
        waiters: list[socket.socket] = []
        thread = threading.Thread(target=lambda: waiters.extend(relay.run()))
        thread.start()
        try:
            yield
        finally:
            (folder / "go").touch()
            process.wait(30)
            thread.join(10)
            relay.accept_waiting()
            for waiter in waiters:
                waiter.close()
            stdio.close_input()
        assert not thread.is_alive(), "the relay ends with its process"


def attach(folder: Path, *, stdin: bool = False, streams: tuple[str, ...] = ("stdout",)) -> Any:
    """Attach to the relay."""
    sock = messages.connect(folder, "s")
    sock.settimeout(20)
    messages.send_line(sock, {"op": "attach", "stdin": stdin, "streams": streams})
    assert messages.receive_line(sock) == {}
    return sock


def read_all(sock: socket.socket) -> bytes:
    """Read until the end."""
    pieces = []
    while piece := sock.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def payload(data: bytes) -> bytes:
    """Return the content of frames."""
    content = b""
    while data:
        size = int.from_bytes(data[4:8], "big")
        content += data[8 : 8 + size]
        data = data[8 + size :]
    return content


def test_each_client_gets_its_streams(tmp_path: Path) -> None:
    with running(tmp_path, "echo out; echo err >&2"):
        clients = [attach(tmp_path, streams=streams) for streams in (("stdout",), ("stderr",), ())]
        (tmp_path / "go").touch()
        received = [read_all(client) for client in clients]
        for client in clients:
            client.close()
    assert received == [
        frames.encode(frames.Stream.STDOUT, b"out\n"),
        frames.encode(frames.Stream.STDERR, b"err\n"),
        b"",
    ]


def test_input_reaches_the_process_and_ends_with_its_first_client(tmp_path: Path) -> None:
    with running(tmp_path, "cat", stdin=True, once=True):
        watcher = attach(tmp_path)
        client = attach(tmp_path, stdin=True)
        data = os.urandom(3 << 20)  # more than the pipe and the buffer hold
        (tmp_path / "go").touch()
        sender = threading.Thread(
            target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR))
        )
        sender.start()
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(read_all(watcher)))
        reader.start()
        read_all(client)
        sender.join(20)
        reader.join(20)
        client.close()
        watcher.close()
    assert payload(received[0]) == data


def test_input_of_a_client_that_only_watches_is_ignored(tmp_path: Path) -> None:
    with running(tmp_path, "cat", stdin=True, once=True):
        watcher = attach(tmp_path)
        watcher.sendall(b"ignored")
        client = attach(tmp_path, stdin=True)
        client.sendall(b"taken")
        client.close()
        (tmp_path / "go").touch()
        assert payload(read_all(watcher)) == b"taken"
        watcher.close()


def test_input_for_a_process_that_has_closed_its_own(tmp_path: Path) -> None:
    with running(tmp_path, "exec <&-; echo closed; sleep 0.3; echo end", stdin=True):
        client = attach(tmp_path, stdin=True)
        (tmp_path / "go").touch()
        assert client.recv(100) == frames.encode(frames.Stream.STDOUT, b"closed\n")
        for _ in range(3):
            client.sendall(b"x" * 100_000)
        assert payload(read_all(client)) == b"end\n"
        client.close()


def test_a_process_without_stdin_reads_eof(tmp_path: Path) -> None:
    with running(tmp_path, "cat; echo end"):
        client = attach(tmp_path, stdin=True)
        client.sendall(b"nobody reads this")
        (tmp_path / "go").touch()
        assert payload(read_all(client)) == b"end\n"
        client.close()


def test_a_slow_client_blocks_the_process(tmp_path: Path) -> None:
    total = 16 << 20
    script = f"head -c {total} /dev/zero; touch {tmp_path}/done"
    with running(tmp_path, script):
        client = attach(tmp_path)
        (tmp_path / "go").touch()
        time.sleep(0.5)
        assert not (tmp_path / "done").exists(), "16 MiB do not fit into the buffers"
        assert len(payload(read_all(client))) == total
        client.close()
    assert (tmp_path / "done").exists()


def test_a_disconnected_client_does_not_block_the_process(tmp_path: Path) -> None:
    with running(tmp_path, f"head -c 8000000 /dev/zero; touch {tmp_path}/done"):
        client = attach(tmp_path)
        (tmp_path / "go").touch()
        assert client.recv(10)
        client.close()
    assert (tmp_path / "done").exists()


def test_output_held_open_by_a_process_outside_the_container(tmp_path: Path) -> None:
    """A process that has left the container still has its standard output."""
    with running(tmp_path, "setsid sleep 5 & echo out"):
        client = attach(tmp_path)
        before = time.monotonic()
        (tmp_path / "go").touch()
        assert payload(read_all(client)) == b"out\n"
        assert time.monotonic() - before < 4
        client.close()


def test_other_operations_are_passed_on(tmp_path: Path) -> None:
    with running(tmp_path, "true"), messages.connect(tmp_path, "s") as sock:
        messages.send_line(sock, {"op": "signal"})
        assert messages.receive_line(sock) == {"asked": "signal"}


def test_connections_after_the_end(tmp_path: Path) -> None:
    stdio = Stdio(tty=False, stdin=False, once=False)
    stdio.close_theirs()
    with subprocess.Popen(["true"]) as process, messages.listen(tmp_path, "s") as listener:
        relay = Relay(listener, process.pid, stdio, None, answer)
        late = [messages.connect(tmp_path, "s") for _ in range(3)]
        lines = (b'{"op": "wait"}\n', b'{"op": "attach"}\n', b"7\n")
        for sock, line in zip(late, lines, strict=True):
            sock.sendall(line)
        process.wait()
        for fd in list(stdio.outputs):
            os.set_blocking(fd, False)
        relay._ended = True  # noqa: SLF001 - it ended before they came
        relay._drop_outputs()  # noqa: SLF001
        kept = relay.run()
        relay.accept_waiting()
        assert len(kept) == 1, "only the one that waits is kept"
        messages.send_line(kept[0], {"code": 0})
        assert messages.receive_line(late[0]) == {"code": 0}
        assert late[1].recv(1) == b""
        assert late[2].recv(1) == b""
        for sock in (*late, *kept):
            sock.close()


def test_what_a_process_leaves_running_does_not_keep_the_relay(tmp_path: Path) -> None:
    """As a health check does that writes for ever in the background."""
    endless = "while echo more; do sleep 0.1; done"
    with running(tmp_path, f"echo first; {endless} & echo $! > {tmp_path}/pid"):
        sock = attach(tmp_path)
        (tmp_path / "go").touch()
        lines = payload(read_all(sock)).splitlines()
        sock.close()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert lines[0] == b"first"
