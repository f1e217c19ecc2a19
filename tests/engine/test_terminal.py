"""Consoles in a real terminal, which they restore afterwards, and from a script."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from docker_magics import docker


@pytest.fixture
def box(engine: str) -> Iterator[str]:  # noqa: ARG001 - it sets the environment
    """A running container."""
    identity = str(docker("run -d busybox sleep 1000"))
    yield identity
    docker(f"rm -f {identity}")


def test_a_console_in_a_terminal(engine: str, box: str, tmp_path: object) -> None:
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"],
        env={**os.environ, "DOCKER_HOST": engine, "IPYTHONDIR": str(tmp_path), "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(30, 100),
        timeout=30,
    )
    shell.expect(r"In \[1\]")
    shell.sendline("%load_ext docker_magics")
    shell.expect(r"In \[2\]")
    shell.sendline(f"%docker exec -it {box} sh")
    shell.expect("/ # ")
    shell.sendline("stty size")
    shell.expect("30 100")
    shell.setwinsize(40, 90)
    shell.expect("/ # ")
    shell.sendline("sleep 0.5; stty size")
    shell.expect("40 90")
    shell.sendline("echo rea''dy; cat")
    shell.expect("ready")  # the shell discards what is typed while it starts a line
    shell.sendline("한글")
    shell.expect("한글\r\n한글")
    shell.sendintr()
    shell.expect("/ # ")
    shell.sendline("exit 3")
    shell.expect("exited with code 3")
    shell.sendline("print(6 * 7)")
    shell.expect("42")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)


#: Escape sequences of the shell's line editor.
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def test_the_output_of_a_script_looks_typed(box: str) -> None:
    output = docker(f"exec -it {box} sh", input="echo one\necho two\nexit 5\n")
    lines = [line.rpartition("# ")[2] for line in _CONTROL.sub("", output).splitlines()]
    assert lines[-5:] == ["echo one", "one", "echo two", "two", "exit 5"]
    assert output.exit_code == 5


def test_progress_is_redrawn_in_place(engine: str, tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM busybox\nRUN echo first; sleep 2\nRUN echo second\n")
    code = (
        "from docker_magics.results.show import Streams",
        "from docker_magics.session import Session",
        f"Session().run('build --no-cache {tmp_path}', view=Streams())",
    )
    shell = pexpect.spawn(
        sys.executable,
        ["-c", "\n".join(code)],
        env={**os.environ, "DOCKER_HOST": engine, "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(30, 100),
        timeout=60,
    )
    shell.expect("first")
    shell.expect(r"\x1b\[\d+F\x1b\[J")
    shell.expect("second")
    shell.expect(pexpect.EOF)
