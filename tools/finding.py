"""The engine that demo and lab work with: one that is there, else a private one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from docker_magics.engine.discover import find
from docker_magics.errors import NoEngine
from tools import debian, engines, images


class NothingToDo(RuntimeError):
    """There is no engine, and none may be started; the message says what to install."""


#: What keeps demo, lab and benchmark from an engine; the message says what to do.
PROBLEMS = (NothingToDo, engines.CannotStart, images.CannotBuild)


@contextlib.contextmanager
def engine(*names: str, reachable: bool = False) -> Iterator[str]:
    """An engine with these images in it; DOCKER_HOST names it while the block runs.

    Args:
        *names: the images.
        reachable: whether published ports are to be reached from outside this process.

    Raises:
        NothingToDo: there is none.
        CannotStart: a private one does not start.
        CannotBuild: an image can neither be pulled nor built.
    """
    with _found_or_started(reachable=reachable) as host:
        os.environ["DOCKER_HOST"] = host
        images.provide(host, *names)
        yield host


@contextlib.contextmanager
def _found_or_started(*, reachable: bool) -> Iterator[str]:
    try:
        address = find()
    except NoEngine:
        with _started(reachable=reachable) as host:
            yield host
    else:
        print(f"Using the engine at {address.host} ({address.source}).")
        yield address.host


@contextlib.contextmanager
def _started(*, reachable: bool) -> Iterator[str]:
    if os.geteuid() != 0:
        packages = debian.how_to_get(["docker.io"])
        raise NothingToDo(f"There is no container engine here. Install one: {packages}")
    if not debian.ensure("docker"):
        raise NothingToDo("There is no container engine here, and Debian's could not be installed.")
    with _network(reachable=reachable), engines.dockerd() as host:
        print(f"Started a private Docker engine (Debian's docker.io) at {host}; it ends with this.")
        yield host


def _network(*, reachable: bool) -> contextlib.AbstractContextManager[None]:
    if reachable:
        return engines.machines_network()
    engines.private_network()
    return contextlib.nullcontext()
