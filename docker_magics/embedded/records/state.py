"""The state of a container. source: Engine API, ContainerState, Health."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from .. import clock


class HealthcheckResult(TypedDict):
    """The result of one probe; times are RFC 3339. ExitCode 0 is healthy."""

    Start: str
    End: str
    ExitCode: int
    Output: str


class Health(TypedDict):
    """The results of a health check. Status: starting, healthy or unhealthy."""

    Status: str
    FailingStreak: int
    Log: list[HealthcheckResult]


class ContainerState(TypedDict):
    """The state of a container; times are RFC 3339.

    Running is true as well while it is paused, and while it waits for a restart (Restarting).
    """

    Running: bool
    Paused: bool
    Restarting: bool
    OOMKilled: bool
    Dead: bool
    Removing: bool
    Pid: int
    ExitCode: int
    Error: str
    StartedAt: str
    FinishedAt: str
    Health: NotRequired[Health]


def new_state() -> ContainerState:
    """Return the state of a container that has never been started."""
    return {
        "Running": False,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Removing": False,
        "Pid": 0,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": clock.ZERO,
        "FinishedAt": clock.ZERO,
    }
