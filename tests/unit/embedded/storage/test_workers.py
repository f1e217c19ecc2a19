"""Threads that do jobs in the background."""

from __future__ import annotations

import os
import threading

import pytest

from docker_magics.embedded.storage.workers import Workers


def test_an_inherited_niceness_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nice(1), no thread may lower it: it would end with its jobs undone."""
    given: list[int] = []
    monkeypatch.setattr(os, "getpriority", lambda *_: 5)
    monkeypatch.setattr(os, "setpriority", lambda *args: given.append(args[2]))
    for niceness in (0, 10):
        done = threading.Event()
        Workers(1, niceness=niceness).add(done.set)
        assert done.wait(60)
    assert given == [5, 10]


def test_jobs_are_done_though_a_thread_could_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    workers = Workers(2)
    first, second = threading.Event(), threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        workers.add(first.set)
    workers.add(second.set)
    assert first.wait(60)
    assert second.wait(60)
