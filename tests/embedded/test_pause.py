"""Pausing containers on engines of every kind: by the freezer, and by signals without one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded.kinds import KINDS, engine_of, warnings
from embedded.shared import cgroups_of, client, load_busybox, running

from docker_magics import docker
from docker_magics.errors import DockerMagicsError

COUNT = "n=0; while :; do n=$((n+1)); echo $n > /count.new; mv /count.new /count; {}; done"
COUNTING = COUNT.format("sleep 0.01")
#: Starts processes all the time, which let all others continue.
EVADING = COUNT.format("(kill -CONT -1; sleep 0.2; kill -CONT -1) & sleep 0.02")
#: How long a paused container is watched.
WATCHED_S = 0.6


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """An engine that the tests use."""
    with engine_of(request.param, "busybox"):
        yield request.param


@pytest.fixture
def box(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A running container that counts."""
    assert kind
    script = getattr(request, "param", COUNTING)
    docker("run -d --name counting busybox sh -c {script}", script=script)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not count():
        time.sleep(0.05)
    yield "counting"
    docker("rm -f counting")


def count() -> int:
    """Return how far the container has counted."""
    try:
        text = docker("cp counting:/count -")
    except DockerMagicsError:
        return 0
    return int(bytes(text)[512:1024].strip(b"\0"))


def state() -> str:
    """Return the container's status and whether it is paused."""
    template = "{{.State.Status}} {{.State.Running}} {{.State.Paused}}"
    return str(docker("inspect -f {template} counting", template=template)).strip()


@pytest.mark.parametrize("box", [COUNTING, EVADING], indirect=True, ids=["counting", "evading"])
def test_a_paused_container_does_not_run(box: str) -> None:
    assert box
    docker("pause counting")
    assert state() == "paused true true"
    before = count()
    time.sleep(WATCHED_S)
    assert count() == before
    docker("unpause counting")
    assert state() == "running true false"
    deadline = time.monotonic() + 10
    while count() == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_commands_on_a_paused_container(box: str) -> None:
    assert box
    docker("pause counting")
    before = count()
    with pytest.raises(DockerMagicsError, match="is paused, unpause the container before exec"):
        docker("exec counting true")
    with pytest.raises(DockerMagicsError, match="is already paused"):
        docker("pause counting")
    docker("commit counting paused-image")
    docker("top counting")
    docker("stats --no-stream counting")
    assert (state(), count()) == ("paused true true", before)
    docker("rmi paused-image")


@pytest.mark.parametrize(
    ("command", "after"),
    [
        ("stop -t 0", "exited false false"),
        ("kill", "exited false false"),
        ("restart -t 0", "running true false"),
    ],
)
def test_what_ends_a_pause(box: str, command: str, after: str) -> None:
    docker("pause counting")
    docker(f"{command} {box}")
    deadline = time.monotonic() + 10
    while state() != after:
        assert time.monotonic() < deadline, state()
        time.sleep(0.05)


def test_commit_pauses_and_resumes(box: str) -> None:
    docker(f"commit {box} committed")
    docker("rmi committed")
    assert state() == "running true false"


def test_info_warns_where_there_is_no_freezer(kind: str) -> None:
    assert ("WARNING: No freezer" in warnings()) == (kind != "root")


def test_a_container_stays_paused_while_the_engine_is_killed(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's engine has control groups here")
    with running(tmp_path) as engine, client(tmp_path) as api:
        load_busybox(tmp_path)
        box = api.containers.run("busybox", ["sleep", "1d"], detach=True)
        box.pause()
        frozen = [folder for folder in cgroups_of(box.id) if "freezer" in str(folder)]
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    with running(tmp_path), client(tmp_path) as api:
        (box,) = api.containers.list()
        assert box.status == "paused"
        for folder in frozen:
            assert (folder / "freezer.state").read_text() == "FROZEN\n"
        box.unpause()
        box.reload()
        assert box.status == "running"
        assert box.exec_run("true").exit_code == 0
        box.pause()
        box.remove(force=True)
        assert cgroups_of(box.id) == []
