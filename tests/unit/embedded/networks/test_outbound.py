"""Outbound connectivity, with a fake slirp4netns."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.networks import outbound
from docker_magics.embedded.networks.outbound import Outbound


class FakeHelper:
    """A network helper that records requests."""

    pid = recorded_pid = 1 << 30  # no such process

    def __init__(self) -> None:
        self.is_forwarding = False

    def interfaces(self) -> set[str]:
        return set()

    @contextmanager
    def exit_pipe(self) -> Iterator[int]:
        reader, writer = os.pipe()
        try:
            yield reader
        finally:
            os.close(reader)
            os.close(writer)

    def enable_forwarding(self) -> None:
        self.is_forwarding = True


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the arguments of each started slirp4netns, one per line."""
    path = tmp_path / "arguments"
    program = tmp_path / "slirp4netns"
    program.write_text(f'#!/bin/sh\necho "$@" >> {path}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return path


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, arguments: Path) -> Iterator[tuple[Any, FakeHelper]]:
    """Outbound connectivity that works once slirp4netns is started."""
    monkeypatch.setattr(outbound, "unavailable_reason", lambda: "")
    monkeypatch.setattr(Outbound, "is_connected", lambda _self: arguments.exists())
    helper = FakeHelper()
    made = Outbound(helper)  # type: ignore[arg-type]
    yield made, helper
    if made._process is not None:  # noqa: SLF001
        made._process.wait()  # noqa: SLF001


def test_slirp4netns_is_started_once(connected: tuple[Any, FakeHelper], arguments: Path) -> None:
    made, helper = connected
    made.connect()
    assert helper.is_forwarding
    made.connect()
    lines = arguments.read_text().splitlines()
    assert len(lines) == 1
    assert "--disable-host-loopback" in lines[0]
    assert lines[0].endswith(f"{helper.pid} tap0")


def test_slirp4netns_is_restarted_if_its_interface_is_gone(
    connected: tuple[Any, FakeHelper], arguments: Path
) -> None:
    made, _ = connected
    made.connect()
    arguments.unlink()
    made.connect()
    assert len(arguments.read_text().splitlines()) == 1


def test_nothing_is_started_if_it_cannot_work(
    monkeypatch: pytest.MonkeyPatch, arguments: Path
) -> None:
    monkeypatch.setattr(outbound, "unavailable_reason", lambda: "slirp4netns is not installed")
    made = Outbound(FakeHelper())  # type: ignore[arg-type]
    made.connect()
    assert not arguments.exists()
    assert not made.is_connected()


def test_the_reason_for_no_connectivity(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: Path
) -> None:
    assert arguments.parent == tmp_path
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(outbound.shutil, "which", lambda _: "/bin/true")
    assert outbound.unavailable_reason() == "/dev/net/tun is not open to this user"
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert outbound.unavailable_reason() == ""
    monkeypatch.setattr(outbound.shutil, "which", lambda _: None)
    assert outbound.unavailable_reason() == "slirp4netns is not installed"


def test_a_failed_start_keeps_no_descriptor(
    connected: tuple[Any, FakeHelper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again each second."""

    def refuse(*_: object, **_options: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "too many processes")

    folder = Path("/proc/self/fd")
    before = sorted(folder.iterdir())
    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(BlockingIOError):
        connected[0].connect()
    assert sorted(folder.iterdir()) == before
