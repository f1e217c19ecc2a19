"""The state machine of health checks."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.containers.health import HealthCheck, check_of, new_health
from docker_magics.embedded.records.state import Health, HealthcheckResult

CHECK = HealthCheck(("true",), 30, 5, start_period=10, start_interval=2, retries=3)
LATER = 100.0


def result(code: int) -> HealthcheckResult:
    return {"Start": "", "End": "", "ExitCode": code, "Output": str(code)}


def after(codes: list[int], elapsed: float = LATER) -> Health:
    health = new_health()
    for code in codes:
        health = CHECK.after(health, result(code), elapsed)
    return health


@pytest.mark.parametrize(
    ("codes", "status", "streak"),
    [
        ([], "starting", 0),
        ([0], "healthy", 0),
        ([1], "starting", 1),
        ([1, 1], "starting", 2),
        ([1, 1, 1], "unhealthy", 3),
        ([0, 1, 1], "healthy", 2),
        ([0, 1, 1, -1], "unhealthy", 3),
        ([1, 1, 0, 1, 1], "healthy", 2),
        ([1, 1, 1, 0], "healthy", 0),
    ],
)
def test_statuses(codes: list[int], status: str, streak: int) -> None:
    health = after(codes)
    assert (health["Status"], health["FailingStreak"]) == (status, streak)


def test_failures_in_the_start_period_do_not_count() -> None:
    assert after([1, 1, 1, 1], elapsed=9.9)["FailingStreak"] == 0
    assert after([1, 1, 1, 1], elapsed=10)["Status"] == "unhealthy"


def test_the_start_period_ends_with_the_first_success() -> None:
    assert after([0, 1, 1, 1], elapsed=1)["Status"] == "unhealthy"


def test_the_last_five_results_are_kept() -> None:
    assert [entry["Output"] for entry in after([1, 2, 3, 4, 5, 6, 7])["Log"]] == list("34567")


def test_a_state_is_not_changed_in_place() -> None:
    before = new_health()
    CHECK.after(before, result(1), LATER)
    assert before == new_health()


def test_delays() -> None:
    starting, healthy = new_health(), after([0])
    assert CHECK.delay(starting, 1) == 2
    assert CHECK.delay(starting, 10) == 30
    assert CHECK.delay(healthy, 1) == 30
    assert HealthCheck(("x",), 1, 5, 10, start_interval=2, retries=3).delay(starting, 0) == 1


@pytest.mark.parametrize("test", [None, [], ["NONE"]])
def test_without_a_check(test: list[str] | None) -> None:
    config: Any = {"Healthcheck": {"Test": test}}
    assert check_of(config) is None
    config = {}
    assert check_of(config) is None


def test_defaults() -> None:
    config: Any = {"Healthcheck": {"Test": ["CMD", "a", "b"]}}
    assert check_of(config) == HealthCheck(("a", "b"), 30, 30, 0, 5, 3)


def test_values_are_nanoseconds_and_a_shell_runs_the_command_line() -> None:
    second = 1_000_000_000
    check = {
        "Test": ["CMD-SHELL", "curl localhost"],
        "Interval": second,
        "Timeout": 2 * second,
        "StartPeriod": 3 * second,
        "StartInterval": second // 2,
        "Retries": 7,
    }
    config: Any = {"Healthcheck": check, "Shell": ["/bin/bash", "-c"]}
    arguments = ("/bin/bash", "-c", "curl localhost")
    assert check_of(config) == HealthCheck(arguments, 1, 2, 3, 0.5, 7)
    config["Shell"] = None
    plain = check_of(config)
    assert plain is not None
    assert plain.arguments == ("/bin/sh", "-c", "curl localhost")
