"""Checkpoints need a dockerd with experimental features, and CRIU."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError


def check_experimental(engine: Engine, verb: str) -> None:
    """Check that the engine has checkpoints.

    Raises:
        UsageError: it does not.
    """
    if not engine.is_experimental:
        raise UsageError(
            f"docker checkpoint {verb} is only supported on a Docker daemon with experimental"
            " features enabled",
            hint="Keep a container's files with docker commit.",
        )


def checkpoint_dir() -> Any:
    """Declare --checkpoint-dir."""
    return flag("--checkpoint-dir string", "Use a custom checkpoint storage directory")
