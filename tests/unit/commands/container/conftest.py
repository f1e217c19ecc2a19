"""Fixtures of the tests of attached processes."""

from __future__ import annotations

import pytest

from docker_magics.commands.container import _attached, _exec_process, _hijacked


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten all waits to hundredths of a second."""
    monkeypatch.setattr(_attached, "_LAG_S", 0.02)
    monkeypatch.setattr(_exec_process, "_LAG_S", 0.02)
    monkeypatch.setattr(_exec_process, "_GRACE_PERIOD_S", 0.001)
    monkeypatch.setattr(_hijacked, "_PROMPT_TIMEOUT_S", 0.05)
    monkeypatch.setattr(_hijacked, "_QUIET_S", 0.01)
    monkeypatch.setattr(_hijacked, "_RESIZE_DELAYS_S", (0.001, 0.001, 0))
