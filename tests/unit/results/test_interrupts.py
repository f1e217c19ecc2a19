"""Interrupts while a live result is read."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from docker_magics.results.interrupts import count_interrupts


def test_interrupts_are_counted() -> None:
    before = signal.getsignal(signal.SIGINT)
    with count_interrupts() as interrupts:
        assert interrupts() == 0
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts() == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_repeated_interrupts_raise_keyboard_interrupt() -> None:
    with count_interrupts():
        for _ in range(4):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_see_no_interrupts() -> None:
    seen: list[int] = []

    def read() -> None:
        with count_interrupts() as interrupts:
            seen.append(interrupts())

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert seen == [0]
