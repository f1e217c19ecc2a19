"""Restart policies: whether a container is started again, and after which delay.

source: moby restartmanager/restartmanager.go.
"""

from __future__ import annotations

from ..records.host_config import RestartPolicy

#: Seconds before the first restart; the delay doubles with each restart.
_FIRST_DELAY_S = 0.1
_MAX_DELAY_S = 60.0
#: A container that ran this long starts again with the first delay.
_STABLE_S = 10


def restarts_after_exit(
    policy: RestartPolicy, exit_code: int, restart_count: int, *, manually_stopped: bool
) -> bool:
    """Whether a container whose process has exited is started again.

    Args:
        policy: the container's.
        exit_code: of its process.
        restart_count: how often the policy has restarted it since its last start by the user.
        manually_stopped: whether the user stops, kills or removes it.
    """
    if manually_stopped:
        return False
    match policy["Name"]:
        case "always" | "unless-stopped":
            return True
        case "on-failure":
            maximum = policy["MaximumRetryCount"]
            return exit_code != 0 and (not maximum or restart_count < maximum)
    return False


def starts_with_engine(policy: RestartPolicy, *, manually_stopped: bool) -> bool:
    """Whether a stopped container is started when the engine starts."""
    return policy["Name"] == "always" or (
        policy["Name"] == "unless-stopped" and not manually_stopped
    )


def next_delay(previous_delay: float, run_seconds: float) -> float:
    """Return the seconds to wait before the next restart.

    Args:
        previous_delay: before the previous restart; 0 for none.
        run_seconds: how long the process ran.
    """
    if run_seconds >= _STABLE_S or not previous_delay:
        return _FIRST_DELAY_S
    return min(previous_delay * 2, _MAX_DELAY_S)
