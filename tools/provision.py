"""The engine that demo and lab work with: one that is there, else a private embedded one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from docker_magics.engine import embedded
from docker_magics.engine.discover import find
from docker_magics.errors import DockerMagicsError
from tools import engines, images

#: What keeps demo and lab from an engine; the message says what to do.
PROBLEMS = (DockerMagicsError, engines.CannotStart, images.CannotBuild)


@contextlib.contextmanager
def engine(*names: str) -> Iterator[str]:
    """An engine with these images in it; DOCKER_HOST names it while the block runs.

    Raises:
        DockerMagicsError: the environment asks for an engine that does not answer.
        CannotStart: none answers, and the embedded one cannot run here.
        CannotBuild: an image can neither be pulled nor built.
    """
    with _found_or_started() as host:
        os.environ["DOCKER_HOST"] = host
        os.environ.pop("DOCKER_MAGICS_ENGINE", None)  # it would choose once more
        images.provide(host, *names)
        yield host


@contextlib.contextmanager
def _found_or_started() -> Iterator[str]:
    address = find(start=False)
    if address.host != embedded.address(os.environ).host:
        print(f"Using the engine at {address.host} ({address.source}).")
        yield address.host
        return
    with engines.embedded() as host:
        print(f"No engine is here: started the embedded one at {host}; it ends with this.")
        yield host
