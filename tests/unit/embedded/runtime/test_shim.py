"""A shim with a program that cannot be started."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, NoReturn

from docker_magics.embedded.runtime import child, messages, shim


class SlowExit(child.CannotStart):
    """An error of a process that exits some time after reporting it."""

    reads = 0

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        self.reads += 1
        if self.reads > 1:  # the first one is for the report
            time.sleep(0.3)
        return 127

    @exit_code.setter
    def exit_code(self, _code: int) -> None:
        pass


class Launcher:
    """A launcher without namespaces, for a container without programs."""

    def __init__(self, *, creates: bool) -> None:
        self._creates = creates

    def prepare(self) -> None:
        pass

    def enter(self) -> None:
        if not self._creates:
            raise child.CannotStart("no namespaces here")

    def execute(self) -> NoReturn:
        raise SlowExit('exec: "nope": executable file not found in $PATH')

    def supervise(self, pid: int) -> None:
        pass

    def signal(self, pid: int, number: int) -> None:
        os.kill(pid, number)

    def exit_code(self, status: int) -> int:
        return os.waitstatus_to_exitcode(status)


class Driver:
    """A driver with this launcher."""

    def __init__(self, *, creates: bool = True) -> None:
        self._creates = creates

    def launcher(self, _spec: object) -> Launcher:
        return Launcher(creates=self._creates)


def start_shim(folder: Path, driver: Driver) -> tuple[int, dict[str, Any]]:
    """Start a shim in a child process; return its PID and its report."""
    spec = {"tty": False, "stdin": False, "stdin_once": False, "size": None}
    (folder / "exec.json").write_text(json.dumps(spec))
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            shim.run(folder, "exec", writer, driver)  # type: ignore[arg-type]
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as report:
        return pid, json.loads(report.readline())


def ask(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    with messages.connect(folder, "exec.sock") as sock:
        messages.send_line(sock, request)
        return messages.receive_line(sock)


def test_a_failed_start_is_reported_after_its_process_is_reaped(tmp_path: Path) -> None:
    pid, report = start_shim(tmp_path, Driver())
    answer = ask(tmp_path, {"op": "start"})
    still_listed = Path(f"/proc/{report['pid']}").exists()
    os.waitpid(pid, 0)
    assert answer["code"] == 127
    assert "executable file not found" in answer["error"]
    assert not still_listed, "docker top shows it"
    assert json.loads((tmp_path / "exec.exit").read_text())["code"] == 127


def test_a_container_that_cannot_be_created_leaves_no_process(tmp_path: Path) -> None:
    pid, report = start_shim(tmp_path, Driver(creates=False))
    children = Path(f"/proc/{pid}/task/{pid}/children")
    left = children.read_text().split() if children.exists() else []
    os.waitpid(pid, 0)
    assert report == {"error": "no namespaces here"}
    assert left == []
    assert not (tmp_path / "exec.sock").exists()


def test_an_exiting_shim_keeps_the_socket_of_the_next_start(tmp_path: Path) -> None:
    pid, _ = start_shim(tmp_path, Driver())
    with messages.connect(tmp_path, "exec.sock") as waiter:
        messages.send_line(waiter, {"op": "wait"})
        ask(tmp_path, {"op": "start"})
        assert messages.receive_line(waiter)["code"] == 127
    with messages.listen(tmp_path, "exec.sock"):  # as soon as the end is known
        os.waitpid(pid, 0)
        assert (tmp_path / "exec.sock").exists()


def test_a_failed_creation_is_reported_after_its_socket_is_removed(tmp_path: Path) -> None:
    pid, _ = start_shim(tmp_path, Driver(creates=False))
    with messages.listen(tmp_path, "exec.sock"):
        os.waitpid(pid, 0)
        assert (tmp_path / "exec.sock").exists()
