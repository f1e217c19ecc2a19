"""Checkpoints need a dockerd with experimental features, and CRIU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine
from docker_magics.errors import NotFound, UsageError

#: Podman's answer to requests that it does not know.
_NO_ROUTE = "Not Found"


@contextlib.contextmanager
def experimental(engine: Engine, verb: str) -> Iterator[None]:
    """Send the requests of a verb, if the engine has checkpoints.

    Raises:
        UsageError: it does not; Podman announces experimental features, but lacks this one.
    """
    problem = UsageError(
        f"docker checkpoint {verb} is only supported on a Docker daemon with experimental"
        " features enabled",
        hint="Keep a container's files with docker commit.",
    )
    if not engine.is_experimental:
        raise problem
    try:
        yield
    except NotFound as error:
        if error.message.endswith(_NO_ROUTE):
            raise problem from error
        raise


def checkpoint_dir() -> Any:
    """Declare --checkpoint-dir."""
    return flag("--checkpoint-dir string", "Use a custom checkpoint storage directory")
