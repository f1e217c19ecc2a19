"""Too few descriptors or processes: nothing ends by that, and what fails says why."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.fakes import fail
from unit.embedded.runtime.plain_driver import PlainDriver, spec

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.runtime import process
from docker_magics.embedded.runtime.process import Process
from docker_magics.embedded.runtime.supervisor import Supervisor


@contextlib.contextmanager
def supervising() -> Iterator[Supervisor]:
    """Yield a supervisor with a driver without isolation."""
    supervisor = Supervisor(PlainDriver())
    try:
        yield supervisor
    finally:
        supervisor.close()


def started(supervisor: Supervisor, folder: Path, *args: str) -> Process:
    """Return the process of a container that runs."""
    container = supervisor.create(folder, spec(*args))
    container.start()
    return container


def test_a_shortage_of_descriptors_does_not_seem_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PAUSE_S", 0.01)
    with supervising() as supervisor:
        container = started(supervisor, tmp_path, "sh", "-c", "sleep 0.3; exit 7")
        failures = fail(monkeypatch, "connect", errno.EMFILE, times=3)
        with pytest.raises(ApiError, match=r"^cannot signal the process: Too many open files$"):
            container.signal(signal.SIGTERM)
        assert container.wait().code == 7
        assert next(failures, None) is None


def test_no_process_can_be_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zygote says so, and goes on."""
    fork, is_full = os.fork, tmp_path / "full"

    def fork_if_possible() -> int:
        if is_full.exists():
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(os, "fork", fork_if_possible)
    with supervising() as supervisor:
        is_full.touch()
        with pytest.raises(ApiError, match="cannot fork: Resource temporarily unavailable"):
            supervisor.create(tmp_path, spec("true"))
        is_full.unlink()
        assert started(supervisor, tmp_path, "true").wait().code == 0
