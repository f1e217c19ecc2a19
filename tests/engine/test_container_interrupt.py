"""The stop button of a notebook: SIGINT to a real kernel."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client import KernelManager

from docker_magics import docker

pytestmark = pytest.mark.usefixtures("engine")

_TIMEOUT_S = 60


@dataclass
class _Cell:
    """The outputs of a cell."""

    stdout: str = ""
    stderr: str = ""
    errors: list[str] = field(default_factory=list)
    value: str = ""


class _Kernel:
    """A kernel with the extension loaded."""

    def __init__(self) -> None:
        self._manager = KernelManager(kernel_name="python3", transport="ipc")
        self._manager.start_kernel(env=dict(os.environ))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=_TIMEOUT_S)
        self.run("%load_ext docker_magics")

    def run(self, code: str, *, interrupts: tuple[str, ...] = ()) -> _Cell:
        """Run a cell; interrupt it each time that the next of these texts has been printed."""
        message = self._client.execute(code)
        cell, triggers = _Cell(), list(interrupts)
        while True:
            answer = self._client.get_iopub_msg(timeout=_TIMEOUT_S)
            if answer["parent_header"].get("msg_id") != message:
                continue
            if answer["content"].get("execution_state") == "idle":
                return cell
            self._add_output(cell, answer["msg_type"], answer["content"])
            if triggers and triggers[0] in cell.stdout + cell.stderr:
                triggers.pop(0)
                self._manager.interrupt_kernel()

    @staticmethod
    def _add_output(cell: _Cell, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            setattr(cell, content["name"], getattr(cell, content["name"]) + content["text"])
        elif kind == "error":
            cell.errors.append(content["evalue"])
        elif kind == "execute_result":
            cell.value = content["data"]["text/plain"]

    def close(self) -> None:
        """Shut the kernel down."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()


@pytest.fixture
def kernel() -> Iterator[_Kernel]:
    """A running kernel."""
    running = _Kernel()
    yield running
    running.close()


@pytest.fixture
def name() -> Iterator[str]:
    """The name of a container that is removed at the end."""
    unique = f"t-{uuid.uuid4().hex[:8]}"
    yield unique
    docker("rm -f {name}", name=unique)


def test_an_interrupt_sends_sigint_to_the_container(kernel: _Kernel, name: str) -> None:
    script = 'trap "echo got; exit 3" INT; echo ready; while :; do sleep 0.2; done'
    cell = kernel.run(f"%docker run --name {name} busybox sh -c '{script}'", interrupts=("ready",))
    assert cell.stdout == "ready\ngot\n"
    assert f"sent SIGINT to {name}" in cell.stderr
    assert "exited with code 3" in cell.stderr
    assert cell.errors == []
    assert kernel.run("_exit_code").value == "3"
    assert docker("ps -q -f name={name}", name=name) == []


def test_a_second_interrupt_stops_the_container(kernel: _Kernel, name: str) -> None:
    script = 'trap "echo no" INT; trap "exit 4" TERM; echo ready; while :; do sleep 0.2; done'
    line = f"%docker run --name {name} busybox sh -c '{script}'"
    cell = kernel.run(line, interrupts=("ready", "no\n"))
    assert f"stopping {name}" in cell.stderr
    assert "exited with code" in cell.stderr
    assert docker("ps -q -f name={name}", name=name) == []


def test_an_interrupt_ends_logs_without_an_error(kernel: _Kernel, name: str) -> None:
    docker("run -d --name {name} busybox sh -c 'while :; do echo x; sleep 0.2; done'", name=name)
    cell = kernel.run(f"%docker logs -f {name}", interrupts=("x\nx\n",))
    assert cell.errors == []
    assert cell.stderr == ""
    assert len(docker("ps -q -f name={name}", name=name)) == 1


def test_an_interrupt_kills_the_exec_process(kernel: _Kernel, name: str) -> None:
    docker("run -d --name {name} busybox sleep 1000", name=name)
    line = f"%docker exec {name} sh -c 'echo ready; sleep 500; true'"
    cell = kernel.run(line, interrupts=("ready",))
    assert "exited with code 130" in cell.stderr
    assert "500" not in docker("exec {name} sh -c 'cat /proc/[0-9]*/cmdline'", name=name)


def test_run_leaves_no_thread(kernel: _Kernel) -> None:
    kernel.run("%docker run --rm busybox echo hi")
    code = "[t.name for t in threading.enumerate() if 'docker' in t.name]"
    assert kernel.run(f"import threading; {code}").value == "[]"
