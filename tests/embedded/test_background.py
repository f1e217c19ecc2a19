"""The notebook starts the embedded engine in the background if no other engine answers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home directory without an engine; engines started in it are terminated at the end."""
    yield tmp_path
    for engine in engines_of(tmp_path):
        engine.send_signal(signal.SIGTERM)
        engine.wait(20)


def engines_of(home: Path) -> list[psutil.Process]:
    """Return the engines that run on a home's root folder, without their forked processes."""
    processes = [
        process
        for process in psutil.process_iter(["cmdline"])
        if f"{home}/root" in (process.info["cmdline"] or [])
    ]
    pids = {process.pid for process in processes}
    return [process for process in processes if process.ppid() not in pids]


def run_python(home: Path, code: str, **variables: str) -> subprocess.Popen[str]:
    """Start Python code in an environment that selects no engine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DOCKER_")}
    own = {"HOME": str(home), "DOCKER_MAGICS_ENGINE": "embedded", **variables}
    return subprocess.Popen(
        [sys.executable, "-c", f"from docker_magics import docker; {code}"],
        env={**kept, "DOCKER_MAGICS_ROOT": f"{home}/root", **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_engine_starts_once_with_a_message_and_outlives_the_notebook(home: Path) -> None:
    out, err = run_python(home, "print(docker('volume create kept'))").communicate()
    assert out == "kept\n"
    path = f"{home}/root/docker.sock"
    assert re.fullmatch(
        rf"Started the embedded engine \([a-z ]+(, no [\w ]+)*\) at {path}; "
        r"it keeps running after the notebook exits\.\n",
        err,
    )
    (engine,) = engines_of(home)
    out, err = run_python(home, "print(docker('volume ls -q'))").communicate()
    assert (out, err) == ("['kept']\n", "")
    assert engines_of(home) == [engine]


def test_concurrent_starts_result_in_one_engine(home: Path) -> None:
    processes = [run_python(home, "print(docker('ps -q'))") for _ in range(4)]
    outputs = [process.communicate() for process in processes]
    assert [out for out, _ in outputs] == ["[]\n"] * 4
    deadline = time.monotonic() + 20
    while len(engines_of(home)) > 1:  # the others end when they find the folder in use
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(engines_of(home)) == 1


def test_the_context_embedded_starts_the_engine(home: Path) -> None:
    process = run_python(
        home, "docker('context use embedded'); docker('ps')", DOCKER_MAGICS_ENGINE=""
    )
    _, err = process.communicate()
    assert err.startswith("Started the embedded engine")
    assert len(engines_of(home)) == 1


def test_context_ls_starts_no_engine(home: Path) -> None:
    out, _ = run_python(home, "print(docker('context ls'))").communicate()
    assert f"unix://{home}/root/docker.sock" in out
    assert not engines_of(home)


def test_an_engine_that_cannot_run_is_a_clear_error(home: Path) -> None:
    code = "docker('ps')"
    _, err = run_python(home, code, DOCKER_MAGICS_DRIVER="none").communicate()
    assert "DOCKER_MAGICS_DRIVER=none: expected namespaces or systrap or proot" in err
    assert "Start Docker or Podman, set DOCKER_HOST, or install proot." in err
