"""The embedded engine as the notebook side finds it: started where there is no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home without any engine; what was started in it is ended."""
    yield tmp_path
    for engine in engines_of(tmp_path):
        engine.send_signal(signal.SIGTERM)
        engine.wait(20)


def engines_of(home: Path) -> list[psutil.Process]:
    """The engines that run on a home's root folder, without what they have forked."""
    found = [
        each
        for each in psutil.process_iter(["cmdline"])
        if f"{home}/root" in (each.info["cmdline"] or [])
    ]
    return [each for each in found if each.ppid() not in {other.pid for other in found}]


def in_another_process(home: Path, code: str, **names: str) -> subprocess.Popen[str]:
    """Python that ends when its code does, in an environment that names no engine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DOCKER_")}
    own = {"HOME": str(home), "DOCKER_MAGICS_ENGINE": "embedded", **names}
    return subprocess.Popen(
        [sys.executable, "-c", f"from docker_magics import docker; {code}"],
        env={**kept, "DOCKER_MAGICS_ROOT": f"{home}/root", **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_is_started_once_says_so_in_one_line_and_outlives_who_started_it(home: Path) -> None:
    out, said = in_another_process(home, "print(docker('volume create kept'))").communicate()
    assert out == "kept\n"
    where = f"{home}/root/docker.sock"
    assert said == (
        f"Started the embedded engine at {where}; it keeps running after the notebook exits.\n"
    )
    (engine,) = engines_of(home)
    out, said = in_another_process(home, "print(docker('volume ls -q'))").communicate()
    assert (out, said) == ("['kept']\n", "")
    assert engines_of(home) == [engine]


def test_of_many_that_start_it_at_once_all_use_one(home: Path) -> None:
    several = [in_another_process(home, "print(docker('ps -q'))") for _ in range(4)]
    answers = [each.communicate() for each in several]
    assert [out for out, _ in answers] == ["[]\n"] * 4
    assert len(engines_of(home)) == 1


def test_the_context_leads_to_it(home: Path) -> None:
    used = in_another_process(
        home, "docker('context use embedded'); docker('ps')", DOCKER_MAGICS_ENGINE=""
    )
    _, said = used.communicate()
    assert said.startswith("Started the embedded engine")
    assert len(engines_of(home)) == 1


def test_listing_contexts_starts_nothing(home: Path) -> None:
    out, _ = in_another_process(home, "print(docker('context ls'))").communicate()
    assert f"unix://{home}/root/docker.sock" in out
    assert not engines_of(home)


def test_where_it_cannot_run_one_line_says_why(home: Path) -> None:
    code = "docker('ps')"
    _, said = in_another_process(home, code, DOCKER_MAGICS_DRIVER="none").communicate()
    assert "DOCKER_MAGICS_DRIVER=none: expected namespaces or proot" in said
    assert "Start Docker or Podman, set DOCKER_HOST, or install proot." in said
