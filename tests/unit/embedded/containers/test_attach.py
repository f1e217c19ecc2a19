"""Attaching to containers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Connection, FakeProcess

from docker_magics.embedded.containers import attach
from docker_magics.embedded.containers.attach import Attachment, AttachOptions
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.errors import BadParameter, Conflict
from docker_magics.wire import frames
from docker_magics.wire.detach import Detached, DetachKeys

NO_KEYS = DetachKeys("", active=False)
OUT = frames.Stream.STDOUT


def options(**changes: bool | DetachKeys) -> AttachOptions:
    chosen = {"stdin": False, "stdout": True, "stderr": True, "past": False, "live": True}
    return AttachOptions(**{"keys": NO_KEYS, **chosen, **changes})  # type: ignore[arg-type]


@pytest.fixture
def connection() -> Iterator[Connection]:
    made = Connection()
    yield made
    made.close()


class Carrying:
    """A thread that copies bytes between a client and a process."""

    def __init__(
        self, connection: Connection, keys: DetachKeys = NO_KEYS, *, framed: bool = False
    ) -> None:
        self.process, ours = socket.socketpair()
        self.process.settimeout(5)
        self.detached = False

        def run() -> None:
            try:
                attach.carry(connection.raw, ours, keys, framed=framed)
            except Detached:
                self.detached = True
            connection.raw.close_write()

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(5)
        assert not self._thread.is_alive()
        self.process.close()


def test_bytes_are_copied_in_both_directions(connection: Connection) -> None:
    carrying = Carrying(connection)
    connection.sock.sendall(b"in\x10\x11")
    assert carrying.process.recv(100) == b"in\x10\x11"
    carrying.process.sendall(b"out")
    assert connection.sock.recv(100) == b"out"
    carrying.process.shutdown(socket.SHUT_WR)
    assert connection.received() == b""
    carrying.join()


def test_bytes_after_the_request_are_the_first_input() -> None:
    connection = Connection(early=b"early ")
    carrying = Carrying(connection)
    connection.sock.sendall(b"late")
    received = b""
    while len(received) < 10:
        received += carrying.process.recv(100)
    assert received == b"early late"
    carrying.process.shutdown(socket.SHUT_WR)
    carrying.join()
    connection.close()


def test_stdin_eof_reaches_the_process_and_output_continues(
    connection: Connection,
) -> None:
    carrying = Carrying(connection)
    connection.sock.shutdown(socket.SHUT_WR)
    assert carrying.process.recv(100) == b""
    carrying.process.sendall(b"still")
    carrying.process.shutdown(socket.SHUT_WR)
    assert connection.received() == b"still"
    carrying.join()


def test_input_for_an_exited_process_is_dropped(connection: Connection) -> None:
    process, ours = socket.socketpair()
    process.close()
    connection.sock.sendall(b"nobody reads this")
    attach.carry(connection.raw, ours, NO_KEYS)


def test_a_terminal_s_output_in_frames(connection: Connection) -> None:
    carrying = Carrying(connection, framed=True)
    carrying.process.sendall(b"out")
    carrying.process.shutdown(socket.SHUT_WR)
    assert connection.received() == frames.encode(OUT, b"out")
    carrying.join()


def test_the_detach_keys_detach_and_are_not_input(connection: Connection) -> None:
    carrying = Carrying(connection, DetachKeys("ctrl-a,x", active=True))
    for typed in (b"ls", b"\x01", b"x"):
        connection.sock.sendall(typed)
    carrying.join()
    assert carrying.detached


def test_a_prefix_of_the_detach_keys_is_input(connection: Connection) -> None:
    carrying = Carrying(connection, DetachKeys("ctrl-a,x", active=True))
    connection.sock.sendall(b"\x01y")
    assert carrying.process.recv(100) == b"\x01y"
    carrying.process.shutdown(socket.SHUT_WR)
    carrying.join()
    assert not carrying.detached


@pytest.mark.parametrize("text", ["ctrl-", "ctrl-ab", "ctrl-p;q", "ctrl-1", "é€,", ","])
def test_an_invalid_key_sequence_is_an_error(text: str) -> None:
    with pytest.raises(BadParameter, match=r"^Invalid escape keys .* provided$"):
        attach.detach_keys(text, active=True, kind="escape")


@pytest.mark.parametrize(
    ("stdout", "stderr", "tty", "streams"),
    [
        (True, True, False, ("stdout", "stderr")),
        (False, True, False, ("stderr",)),
        (False, False, False, ()),
        (True, True, True, ("stdout",)),
        (False, True, True, ("stdout",)),
        (False, False, True, ()),
    ],
)
def test_streams(stdout: bool, stderr: bool, tty: bool, streams: tuple[str, ...]) -> None:  # noqa: FBT001
    assert attach.output_streams(stdout=stdout, stderr=stderr, tty=tty) == streams


def test_a_waiting_client_attaches_before_the_process_starts(connection: Connection) -> None:
    attachment = Attachment(stdin=True, streams=("stdout",))
    process = FakeProcess()
    timer = threading.Timer(0.1, attachment.begin, [process])
    timer.start()
    sock = attachment.wait(connection.raw)
    assert sock is not None
    assert process.attached == [(True, ("stdout",))]
    assert not process.started
    sock.close()
    process.finish()


def test_a_disconnected_client_stops_waiting(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach, "_LOOK_S", 0.01)
    connection.sock.close()
    assert Attachment(stdin=False, streams=()).wait(connection.raw) is None


def test_a_failed_start_or_attach_ends_the_waiting(
    connection: Connection,
) -> None:
    cancelled = Attachment(stdin=False, streams=())
    cancelled.cancel()
    assert cancelled.wait(connection.raw) is None

    class Gone(FakeProcess):
        def attach(self, **_: object) -> socket.socket:
            raise ConnectionRefusedError

    failed = Attachment(stdin=False, streams=())
    failed.begin(Gone())  # type: ignore[arg-type]
    assert failed.wait(connection.raw) is None


@pytest.mark.parametrize("state", ["Paused", "Restarting"])
def test_containers_that_cannot_be_attached_to(tmp_path: Path, state: str) -> None:
    web = fakes.container(tmp_path, pid=7)
    attach.check_attachable(web)
    web.state[state] = True  # type: ignore[literal-required]
    with pytest.raises(Conflict, match=f"is {state.lower()}"):
        attach.check_attachable(web)


def test_past_and_live_output_of_a_running_container(
    tmp_path: Path, connection: Connection
) -> None:
    web = fakes.container(tmp_path, pid=7, config={"OpenStdin": False})
    web.log_path.write_text('{"log": "past", "stream": "stdout", "time": "2026-01-01T00:00:00Z"}\n')
    process = FakeProcess()
    web.process = process  # type: ignore[assignment]
    events = fakes.FakeEvents()
    serve = attach.attach(web, options(past=True, stdin=True), ContainerEvents(events))
    assert process.attached == [(False, ("stdout", "stderr"))], "it has no standard input"
    process.ends[0].sendall(frames.encode(OUT, b"live"))
    process.finish()
    serve(connection.raw)
    assert connection.received() == frames.encode(OUT, b"past") + frames.encode(OUT, b"live")
    assert events.actions("container") == ["attach"]


def test_detaching_is_an_event(tmp_path: Path, connection: Connection) -> None:
    web = fakes.container(tmp_path, config={"OpenStdin": True, "Tty": True})
    process = FakeProcess()
    web.process = process  # type: ignore[assignment]
    events = fakes.FakeEvents()
    keys = DetachKeys("", active=True)
    serve = attach.attach(web, options(stdin=True, keys=keys), ContainerEvents(events))
    connection.sock.sendall(b"\x10\x11")
    serve(connection.raw)
    assert events.actions("container") == ["attach", "detach"]
    process.finish()


def test_a_client_of_a_stopped_container_attaches_at_the_start(
    tmp_path: Path, connection: Connection
) -> None:
    web = fakes.container(tmp_path)
    serve = attach.attach(web, options(), ContainerEvents(fakes.FakeEvents()))
    [attachment] = web.attachments
    process = FakeProcess()
    attachment.begin(process)  # type: ignore[arg-type]
    process.ends[0].sendall(b"hello")
    process.finish()
    serve(connection.raw)
    assert connection.received() == b"hello"


def test_logs_without_streams_do_not_attach(tmp_path: Path, connection: Connection) -> None:
    web = fakes.container(tmp_path)
    events = fakes.FakeEvents()
    attach.attach(web, options(past=True, live=False), ContainerEvents(events))(connection.raw)
    assert connection.received() == b""
    assert web.attachments == []
    assert events.events == []
    with contextlib.suppress(OSError):
        connection.sock.close()
