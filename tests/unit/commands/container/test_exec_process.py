"""Attached processes of exec, over socket pairs."""

from __future__ import annotations

from typing import Any

import pytest
from unit.commands.container.attached import ID, OUT, outcome
from unit.commands.stub_engine import Peer, StubEngine, run

from docker_magics.commands.container import _exec_process
from docker_magics.commands.container._exec_process import ExecConsole, ExecProcess
from docker_magics.errors import NotFound
from docker_magics.wire.frames import Stream, encode

pytestmark = pytest.mark.usefixtures("short_waits")


def exec_engine(peer: Peer, **more: Any) -> StubEngine:
    """Return an engine with the container web and one exec."""
    return StubEngine(
        {
            "GET /containers/web/json": {"Id": ID},
            "POST /containers/web/exec": {"Id": "e1"},
            "HIJACK /exec/e1/start": peer,
            "GET /exec/e1/json": {"Running": False, "ExitCode": 4},
            **more,
        }
    )


def test_a_command_s_output_and_exit_code() -> None:
    engine = exec_engine(OUT)
    result = outcome(run("exec -e A=1 -w /tmp -u me web ls -l", engine))
    assert result == ({Stream.STDOUT: b"out", Stream.STDERR: b"err"}, 4)
    body = engine.sent("POST /containers/web/exec")
    assert (body["Cmd"], body["Env"], body["WorkingDir"], body["User"]) == (
        ["ls", "-l"],
        ["A=1"],
        "/tmp",
        "me",
    )
    assert engine.sent("HIJACK /exec/e1/start") == {"Detach": False, "Tty": False}


def test_the_exit_code_may_lag_behind_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_exec_process, "_LAG_S", 2)  # a busy machine may need its time
    states = ["in turn", {"Running": True, "ExitCode": None}, {"Running": False, "ExitCode": 5}]
    engine = exec_engine(b"", **{"GET /exec/e1/json": states})
    assert outcome(run("exec web ls", engine))[1] == 5


def test_exec_in_a_missing_container_is_an_error() -> None:
    engine = StubEngine({"POST /containers/web/exec": (404, "No such container: web")})
    with pytest.raises(NotFound, match="No such container: web"):
        run("exec web ls", engine)


class Signalled(StubEngine):
    """An engine whose container runs the exec e1 (PID 7, child 8) in addition to its main process.

    Attributes:
        signals: the arguments of the scripts that sent signals.
    """

    def __init__(self, *, pid_mode: str = "", exits: bool = False) -> None:
        self.signals: list[list[str]] = []
        table = b"99 1 S 0 1 1 0\n99 7 S 0 7 7 0\n99 8 S 7 8 7 0\n99 99 R 0 99 99 0\n"
        super().__init__(
            {
                "GET /containers/web/json": {
                    "Id": ID,
                    "ExecIDs": ["e1"],
                    "HostConfig": {"PidMode": pid_mode},
                },
                "GET /exec/e1/json": {"Running": not exits, "Pid": 4007, "ExitCode": 0},
                "HIJACK /exec/e1/start": b"",
                "HIJACK /exec/list/start": encode(Stream.STDOUT, table),
                "HIJACK /exec/kill/start": encode(Stream.STDOUT, b"sent\n"),
            }
        )

    def post(self, path: str, query: Any = None, body: Any = None, headers: Any = None) -> Any:
        if path == "/containers/web/exec":
            script, *arguments = body["Cmd"][2:]
            if script.startswith("kill"):
                self.signals.append(arguments)
                return {"Id": "kill"}
            return {"Id": "list"}
        return super().post(path, query, body, headers)


def exec_process(engine: StubEngine, cls: type[ExecProcess] = ExecProcess) -> Any:
    return cls(engine, "e1", container="web", tty=False, stdin=None, detach_keys="")


def test_interrupts_of_a_command_signal_its_session_then_detach() -> None:
    engine = Signalled()
    process = exec_process(engine)
    assert process.interrupt(1) == "sent SIGINT to the command; interrupt again to kill it"
    assert process.interrupt(2) == "sent SIGKILL to the command"
    assert engine.signals == [["INT", "-7", "-8"], ["KILL", "-7", "-8"]]
    expected = "the command is still running in web; see docker top web"
    assert process.interrupt(3) == expected


def test_a_command_in_the_host_s_namespace_is_signalled_by_its_pid() -> None:
    engine = Signalled(pid_mode="host")
    engine.responses["GET /exec/e1/json"]["Pid"] = 7
    assert exec_process(engine).interrupt(1).startswith("sent SIGINT")


@pytest.mark.parametrize("exits", [True, False], ids=["exited", "ambiguous"])
def test_a_command_that_is_not_found_gets_no_signal(exits: bool) -> None:  # noqa: FBT001
    engine = Signalled(exits=exits)
    engine.responses["HIJACK /exec/list/start"] = encode(Stream.STDOUT, b"99 1 S 0 1 1 0\n")
    message = exec_process(engine).interrupt(1)
    assert message == "cannot send SIGINT to the command in web; interrupt again"
    assert engine.signals == []


def test_an_engine_error_sends_no_signal() -> None:
    message = exec_process(StubEngine()).interrupt(1)
    assert message == "cannot send SIGINT to the command in web; interrupt again"


def test_a_malformed_answer_sends_no_signal_and_closes_the_connection() -> None:
    engine = Signalled()
    engine.responses["HIJACK /exec/list/start"] = b"\xff" * 8
    message = exec_process(engine).interrupt(1)
    assert message == "cannot send SIGINT to the command in web; interrupt again"


def test_hanging_up_a_console_kills_its_processes() -> None:
    engine = Signalled()
    console = exec_process(engine, ExecConsole)
    console.hang_up()
    assert [arguments[0] for arguments in engine.signals] == ["HUP", "KILL"]
    engine.responses["POST /exec/e1/resize"] = b""
    outcome(console)
    console.resize(10, 20)
    assert engine.query("POST /exec/e1/resize") == {"h": 10, "w": 20}
