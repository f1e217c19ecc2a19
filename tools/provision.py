"""Provide the engine for demo and lab: an existing one, or else a private embedded one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from docker_magics.engine import embedded
from docker_magics.engine.discover import find
from docker_magics.errors import DockerMagicsError
from tools import daemons, engines, images

#: Errors to report without a traceback; the message says what to do.
EXPECTED_ERRORS = (DockerMagicsError, daemons.StartError, images.ImageError)


@contextlib.contextmanager
def engine(*names: str) -> Iterator[str]:
    """Provide an engine with these images; DOCKER_HOST names it while the block runs.

    Raises:
        DockerMagicsError: the engine that the environment selects does not answer.
        StartError: no engine answers, and the embedded one cannot run here.
        ImageError: an image can neither be pulled nor built.
    """
    with _find_or_start() as host:
        os.environ["DOCKER_HOST"] = host
        os.environ.pop("DOCKER_MAGICS_ENGINE", None)  # it takes precedence over DOCKER_HOST
        images.provide(host, *names)
        yield host


@contextlib.contextmanager
def _find_or_start() -> Iterator[str]:
    address = find(start=False)
    if address.host != embedded.address(os.environ).host:
        print(f"Using the engine at {address.host} ({address.source}).")
        yield address.host
        return
    with engines.embedded() as host:
        print(f"No engine answers; started the embedded one at {host} until this command ends.")
        yield host
