"""The states of a health check: starting, healthy, unhealthy.

source: Engine API, Health; moby daemon/health.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records.config import ContainerConfig
from ..records.state import Health, HealthcheckResult

_SECOND = 1_000_000_000
_DEFAULT_INTERVAL_S = _DEFAULT_TIMEOUT_S = 30.0
_DEFAULT_START_INTERVAL_S = 5.0
_DEFAULT_RETRIES = 3
#: How many results are kept.
_MAX_RESULTS = 5


@dataclass(frozen=True)
class HealthCheck:
    """A container's health check; times are seconds.

    Attributes:
        arguments: the command of a probe.
        interval: between probes.
        timeout: of one probe.
        start_period: failed probes in it do not count.
        start_interval: between probes in the start period.
        retries: how many probes in a row must fail until the container is unhealthy.
    """

    arguments: tuple[str, ...]
    interval: float
    timeout: float
    start_period: float
    start_interval: float
    retries: int

    def delay(self, health: Health, elapsed: float) -> float:
        """Return the seconds until the next probe.

        Args:
            health: the current state.
            elapsed: seconds since the container started.
        """
        if elapsed < self.start_period and health["Status"] == "starting":
            return min(self.start_interval, self.interval)
        return self.interval

    def after(self, health: Health, result: HealthcheckResult, elapsed: float) -> Health:
        """Return the state that follows the result of a probe.

        Args:
            health: the state before.
            result: of the probe; ExitCode 0 is healthy.
            elapsed: seconds since the container started.
        """
        log = [*health["Log"], result][-_MAX_RESULTS:]
        if result["ExitCode"] == 0:
            return {"Status": "healthy", "FailingStreak": 0, "Log": log}
        status, streak = health["Status"], health["FailingStreak"]
        if elapsed >= self.start_period or status != "starting":
            streak += 1
            status = "unhealthy" if streak >= self.retries else status
        return {"Status": status, "FailingStreak": streak, "Log": log}


def check_of(config: ContainerConfig) -> HealthCheck | None:
    """Return a container's health check with its defaults; None if it has none."""
    values = config.get("Healthcheck") or {}
    kind, *arguments = values.get("Test") or ["NONE"]
    if kind == "NONE":
        return None
    if kind == "CMD-SHELL":
        arguments = [*(config.get("Shell") or ["/bin/sh", "-c"]), *arguments[:1]]
    return HealthCheck(
        arguments=tuple(arguments),
        interval=(values.get("Interval") or 0) / _SECOND or _DEFAULT_INTERVAL_S,
        timeout=(values.get("Timeout") or 0) / _SECOND or _DEFAULT_TIMEOUT_S,
        start_period=(values.get("StartPeriod") or 0) / _SECOND,
        start_interval=(values.get("StartInterval") or 0) / _SECOND or _DEFAULT_START_INTERVAL_S,
        retries=values.get("Retries") or _DEFAULT_RETRIES,
    )


def new_health() -> Health:
    """Return the state of a container that has just started."""
    return {"Status": "starting", "FailingStreak": 0, "Log": []}
