"""Finds the official Docker Compose (version 2 or newer)."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from docker_magics.engine.address import Address
from docker_magics.engine.cli_plugins import installed
from docker_magics.engine.handover import environment_for
from docker_magics.errors import UsageError

_COMPOSE, _BUILDX = "docker-compose", "docker-buildx"
#: Set for a program that is asked for its version: it may run `docker compose` itself, without end.
_ASKED = "DOCKER_MAGICS_COMPOSE_ASKED"
_VERSION = re.compile(r"v?(\d+)\.")
#: Seconds in which a program must tell its version.
_PATIENCE_S = 20


class ComposeMissing(UsageError):
    """Docker Compose is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "cannot run Compose: it is not installed",
            hint="Install it: %pip install docker-magics[compose]",
        )


def find(environment: Mapping[str, str] = os.environ) -> Path:
    """Return Compose's program: a plugin of the docker CLI, of this Python, or on PATH.

    Raises:
        ComposeMissing: none of them exists, or they are Compose v1.
    """
    for path in installed(_COMPOSE, environment) if _ASKED not in environment else ():
        if _is_supported(path):
            return path
    raise ComposeMissing


@functools.cache
def _is_supported(path: Path) -> bool:
    """Whether the program is Compose v2 or newer; v1 has other options and no progress events."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program
            [path, "version", "--short"],
            capture_output=True,
            check=False,
            env={**os.environ, _ASKED: "1"},
            text=True,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = _VERSION.match(done.stdout.strip())
    return version is not None and int(version[1]) >= 2


def compose_environment(
    address: Address, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment in which Compose uses an engine.

    Raises:
        UsageError: the engine's TLS keys are not in one folder under their usual names.
    """
    variables = environment_for(address, environment)
    if not any(installed(_BUILDX, variables)):
        variables.setdefault("DOCKER_BUILDKIT", "0")  # else each build warns that buildx is missing
    return variables
