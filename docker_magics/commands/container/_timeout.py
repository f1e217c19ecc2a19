"""How long stop and restart wait: --timeout, or --time as it was called until Docker 28."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.errors import UsageError


def timeout() -> Any:
    """-t, --timeout."""
    text = "Seconds to wait before killing the container"
    return flag("-t, --timeout int", text, default=None)


def time() -> Any:
    """--time, which no help shows."""
    text = "Seconds to wait before killing the container (deprecated: use --timeout)"
    return flag("--time int", text, hidden=True, default=None)


def seconds(timeout: int | None, time: int | None) -> int | None:
    """What was given of the two.

    Raises:
        UsageError: both were.
    """
    if timeout is not None and time is not None:
        raise UsageError("conflicting options: cannot specify both --timeout and --time")
    return time if timeout is None else timeout
