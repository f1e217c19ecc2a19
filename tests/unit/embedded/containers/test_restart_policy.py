"""Decisions of restart policies after an exit and at the engine's start."""

from __future__ import annotations

import pytest

from docker_magics.embedded.containers import restart_policy
from docker_magics.embedded.records.host_config import RestartPolicy


def policy(name: str, maximum: int = 0) -> RestartPolicy:
    return {"Name": name, "MaximumRetryCount": maximum}


@pytest.mark.parametrize(
    ("name", "maximum", "exit_code", "count", "expected"),
    [
        ("", 0, 1, 0, False),
        ("no", 0, 1, 0, False),
        ("always", 0, 0, 0, True),
        ("always", 0, 137, 1000, True),
        ("unless-stopped", 0, 0, 5, True),
        ("on-failure", 0, 0, 0, False),
        ("on-failure", 0, 1, 1000, True),
        ("on-failure", 2, 1, 1, True),
        ("on-failure", 2, 1, 2, False),
    ],
)
def test_after_an_exit(
    name: str, maximum: int, exit_code: int, count: int, *, expected: bool
) -> None:
    chosen = policy(name, maximum)
    restarts = restart_policy.restarts_after_exit
    assert restarts(chosen, exit_code, count, manually_stopped=False) is expected
    assert not restarts(chosen, exit_code, count, manually_stopped=True)


@pytest.mark.parametrize(
    ("name", "manually_stopped", "expected"),
    [
        ("always", True, True),
        ("always", False, True),
        ("unless-stopped", False, True),
        ("unless-stopped", True, False),
        ("on-failure", False, False),
        ("no", False, False),
    ],
)
def test_when_the_engine_starts(name: str, *, manually_stopped: bool, expected: bool) -> None:
    starts = restart_policy.starts_with_engine
    assert starts(policy(name), manually_stopped=manually_stopped) is expected


def test_the_delay_doubles_up_to_a_minute() -> None:
    delays = [0.0]
    for _ in range(12):
        delays.append(restart_policy.next_delay(delays[-1], run_seconds=1))
    assert delays[1:5] == [0.1, 0.2, 0.4, 0.8]
    assert delays[-1] == delays[-2] == 60


def test_a_long_run_resets_the_delay() -> None:
    assert restart_policy.next_delay(30, run_seconds=9.9) == 60
    assert restart_policy.next_delay(30, run_seconds=10) == 0.1
