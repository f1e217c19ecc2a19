"""Attached processes of run, start -a and attach, over socket pairs."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from unit.commands.container.attached import ID, OUT, outcome
from unit.commands.stub_engine import Peer, StubEngine, run

from docker_magics.cli.terminal import Terminal
from docker_magics.commands.container import _hijacked
from docker_magics.commands.container._attached import AttachedConsole, AttachedProcess
from docker_magics.errors import ApiError, ProtocolError, UsageError
from docker_magics.wire.frames import Stream, encode

pytestmark = pytest.mark.usefixtures("short_waits")


def attachable(peer: Peer, *, tty: bool = False, remove: bool = False, **more: Any) -> StubEngine:
    """Return an engine with the container web."""
    details = {
        "Id": ID,
        "State": {"Running": True, "Paused": False, "Restarting": False},
        "Config": {"Tty": tty, "OpenStdin": True},
        "HostConfig": {"AutoRemove": remove},
    }
    return StubEngine(
        {
            "GET /containers/web/json": details,
            f"GET /containers/{ID}/json": {"State": {"Running": False}},
            f"HIJACK /containers/{ID}/attach": peer,
            "HIJACK /containers/web/attach": peer,
            "POST /containers/web/wait": {"StatusCode": 3},
            f"POST /containers/{ID}/wait": {"StatusCode": 3},
            f"POST /containers/{ID}/start": b"",
            f"POST /containers/{ID}/kill": b"",
            f"POST /containers/{ID}/stop": b"",
            f"POST /containers/{ID}/resize": b"",
            **{key.format(id=ID): value for key, value in more.items()},
        }
    )


def echo(peer: socket.socket) -> None:
    """Send the input back after its EOF."""
    data = b"".join(iter(lambda: peer.recv(4096), b""))
    peer.sendall(encode(Stream.STDOUT, data))


def keyboard(text: bytes) -> Terminal:
    return Terminal(io.BytesIO(text), has_input=True)


def test_start_attaches_waits_and_starts_in_this_order() -> None:
    engine = attachable(OUT)
    result = outcome(run("start -a web", engine))
    assert result == ({Stream.STDOUT: b"out", Stream.STDERR: b"err"}, 3)
    assert [key.rpartition("/")[2] for key in engine.keys] == ["json", "attach", "wait", "start"]
    assert engine.query(f"POST /containers/{ID}/wait") == {"condition": "next-exit"}
    attached = engine.query(f"HIJACK /containers/{ID}/attach")
    assert (attached["stdout"], attached["stderr"], "stdin" in attached) == (True, True, False)


def test_stdin_is_sent_until_eof() -> None:
    output, code = outcome(run("start -ai web", attachable(echo), keyboard(b"hello")))
    assert (output, code) == ({Stream.STDOUT: b"hello"}, 3)


def test_an_unknown_exit_code_is_125() -> None:
    engine = attachable(OUT, **{"POST /containers/{id}/wait": {"Error": {"Message": "gone"}}})
    assert outcome(run("start -a web", engine))[1] == 125


def test_a_failed_start_closes_the_connection_and_waits() -> None:
    removed = {"POST /containers/{id}/start": (500, "no such command"), "remove": True}
    engine = attachable(b"", **removed)
    with pytest.raises(ApiError, match="no such command"):
        outcome(run("start -a web", engine))
    assert engine.query(f"POST /containers/{ID}/wait") == {"condition": "removed"}


def test_invalid_frames_are_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="not a stream of frames"):
        outcome(run("start -a web", attachable(b"HTTP/1.1 500 no")))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("start -a web db", "you cannot start and attach multiple containers at once"),
        ("start --checkpoint x web", '"--checkpoint" is only supported on a Docker daemon with'),
    ],
)
def test_start_errors(line: str, message: str) -> None:
    engine = attachable(b"")
    with pytest.raises(UsageError, match=message):
        run(line, engine)


def test_a_checkpoint_is_restored_on_an_experimental_engine() -> None:
    engine = attachable(b"", **{"POST /containers/web/start": b""})
    engine.features.add("experimental")
    run("start --checkpoint one web", engine)
    query = engine.query("POST /containers/web/start")
    assert query == {"checkpoint": "one", "checkpoint-dir": ""}
    with pytest.raises(UsageError, match="you cannot restore multiple containers at once"):
        run("start --checkpoint one web db", engine)


def test_attach_waits_before_it_attaches() -> None:
    engine = attachable(OUT)
    process = run("attach --no-stdin web", engine)
    assert outcome(process)[1] == 3
    assert [key.rpartition("/")[2] for key in engine.keys] == ["json", "wait", "attach"]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Running": False}, "cannot attach to a stopped container, start it first"),
        ({"Running": True, "Paused": True}, "cannot attach to a paused container, unpause it"),
        (
            {"Running": True, "Restarting": True},
            "cannot attach to a restarting container, wait until it is running",
        ),
    ],
)
def test_attach_to_a_stopped_container_is_an_error(state: dict[str, bool], message: str) -> None:
    engine = attachable(b"")
    engine.responses["GET /containers/web/json"]["State"].update(state)
    with pytest.raises(UsageError, match=message):
        run("attach web", engine)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_interrupts_signal_then_stop_then_kill() -> None:
    engine = attachable(b"")
    process = run("start -a web", engine)
    assert process.interrupt(1) == "sent SIGINT to web; interrupt again to stop it"
    assert engine.query(f"POST /containers/{ID}/kill") == {"signal": "SIGINT"}
    assert process.interrupt(2) == "stopping web; interrupt again to kill it"
    _until(lambda: f"POST /containers/{ID}/stop" in engine.keys)
    assert process.interrupt(3) == "killed web"
    engine.responses[f"POST /containers/{ID}/kill"] = (409, "is not running")
    message = process.interrupt(3)
    assert message.startswith("cannot signal web: Error response from daemon: is not running")


def _waits(peer: socket.socket) -> None:
    """Send nothing until the client closes."""
    peer.recv(1)


def _silent_process() -> AttachedProcess:
    process = run("attach --no-stdin --sig-proxy=false web", attachable(_waits))
    assert isinstance(process, AttachedProcess)
    return process


def test_without_sig_proxy_an_interrupt_detaches() -> None:
    process = _silent_process()
    reader = threading.Thread(target=lambda: list(process.arrivals()))
    reader.start()
    assert process.interrupt(1) == "web is still running; to stop it: docker stop web"
    reader.join(5)
    assert not reader.is_alive()
    assert process.result() is None


def test_closing_before_it_is_connected_ends_the_output() -> None:
    process = _silent_process()
    process.close()
    assert list(process.arrivals()) == []
    assert process.result() is None


# -- consoles


def _console(engine: StubEngine, text: bytes = b"") -> AttachedConsole:
    console = run("start -ai web", engine, keyboard(text))
    assert isinstance(console, AttachedConsole)
    return console


def _shell(peer: socket.socket) -> None:
    """Prompt, and send the lines back until Ctrl-D."""
    peer.sendall(b"$ ")
    typed = b""
    while not typed.endswith(b"\x04"):
        typed += (data := peer.recv(1))
        if data == b"\r":
            peer.sendall(b"$ ")
    peer.sendall(typed)


def test_a_script_is_typed_line_by_line_on_a_sized_terminal() -> None:
    engine = attachable(_shell, tty=True)
    output, code = outcome(_console(engine, b"ls\nexit\n"))
    assert output == {Stream.STDOUT: b"$ $ $ ls\rexit\r\x04"}
    assert code == 3
    assert engine.query(f"POST /containers/{ID}/resize") == {"h": 24, "w": 80}


def _starting_shell(peer: socket.socket) -> None:
    """Discard what is typed before the prompt, as a shell that sets up its terminal does."""
    time.sleep(0.1)
    peer.setblocking(False)  # noqa: FBT003 - it has no name
    with contextlib.suppress(BlockingIOError):
        peer.recv(100)
    peer.setblocking(True)  # noqa: FBT003
    _shell(peer)


def test_an_empty_script_ends_a_shell_that_starts_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_hijacked, "_PROMPT_TIMEOUT_S", 30)
    output, code = outcome(_console(attachable(_starting_shell, tty=True)))
    assert output == {Stream.STDOUT: b"$ \x04"}
    assert code == 3


def test_detach_keys_leave_the_container_running() -> None:
    engine = attachable(_waits, tty=True)
    engine.responses[f"GET /containers/{ID}/json"] = {"State": {"Running": True}}
    console = _console(engine)
    console.stdin = None
    reader = threading.Thread(target=lambda: list(console.arrivals()))
    reader.start()
    console.write(b"\x10\x11")
    reader.join(5)
    assert not reader.is_alive()
    assert console.result() is None


def test_eof_of_a_running_container_is_a_detach() -> None:
    engine = attachable(b"$ ", tty=True)
    engine.responses[f"GET /containers/{ID}/json"] = {"State": {"Running": True}}
    assert outcome(_console(engine)) == ({Stream.STDOUT: b"$ "}, None)


def test_a_removed_container_has_ended() -> None:
    engine = attachable(b"$ ", tty=True)
    del engine.responses[f"GET /containers/{ID}/json"]
    assert outcome(_console(engine))[1] == 3


def test_a_resize_is_kept_until_the_start_and_retried() -> None:
    engine = attachable(b"", tty=True)
    engine.responses[f"POST /containers/{ID}/resize"] = ["in turn", (409, "not running"), b""]
    console = _console(engine)
    console.stdin = None
    console.resize(30, 100)
    assert engine.keys.count(f"POST /containers/{ID}/resize") == 0
    outcome(console)
    assert engine.keys.count(f"POST /containers/{ID}/resize") == 2
    console.resize(40, 120)
    assert engine.query(f"POST /containers/{ID}/resize") == {"h": 40, "w": 120}


def test_hanging_up_stops_the_started_container() -> None:
    engine = attachable(b"", tty=True)
    console = _console(engine)
    outcome(console)
    console.hang_up()
    assert engine.query(f"POST /containers/{ID}/kill") == {"signal": "SIGHUP"}
    assert engine.query(f"POST /containers/{ID}/stop") == {"t": 1}


def test_hanging_up_removes_a_container_that_has_not_started() -> None:
    engine = attachable(b"", tty=True, remove=True, **{"DELETE /containers/{id}": (404, "gone")})
    console = _console(engine)
    console.hang_up()
    assert engine.keys[-1] == f"DELETE /containers/{ID}"


def test_a_process_may_have_ended_before_its_input() -> None:
    console = _console(attachable(b"", tty=True))
    console.stdin = None
    outcome(console)
    console.write(b"late")
    assert console.result() == 3


def test_a_plain_process_is_not_a_console() -> None:
    process = run("start -ai web", attachable(b""), keyboard(b""))
    assert type(process) is AttachedProcess
