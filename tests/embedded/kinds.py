"""Private engines of every kind: of root, of ordinary users, and with proot."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest
from conftest import unavailable

from docker_magics import docker
from tools import debian, engines, images

#: Kind of engine -> the user that runs it, and whether it has subordinate IDs.
KINDS = {
    "root": None,
    "subuid": ("www-data", True),
    "one-id": ("games", False),
    "proot": ("www-data", False),
}
#: Kinds that are asked for by name.
_DRIVERS = {"proot", "systrap"}


@contextlib.contextmanager
def python_of(user: str, *, has_ids: bool) -> Iterator[tuple[str, ...]]:
    """Yield the command that runs Python as a user, for `engines.embedded`; skip if it cannot.

    Args:
        user: root, or an ordinary user.
        has_ids: whether an ordinary user has subordinate IDs.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can start the engines of several users")
    if missing := debian.missing("images"):
        unavailable(f"subordinate ids are needed: {debian.install_command(missing)}")
    if user == "root":
        yield ()
        return
    with engines.python_of(user, subordinate_ids=has_ids) as python:
        yield python


@contextlib.contextmanager
def engine_of(kind: str, *names: str) -> Iterator[str]:
    """Run an engine of a kind, with images; docker(...) uses it.

    Yields:
        Its address, as in DOCKER_HOST.
    """
    if os.geteuid() != 0:
        pytest.skip("all other tests already run on an unprivileged user's engine")
    packages = "binder" if kind == "proot" else "images"
    if missing := debian.missing(packages):
        unavailable(f"{packages} are needed: {debian.install_command(missing)}")
    with contextlib.ExitStack() as stack:
        python: tuple[str, ...] = ()
        if user := KINDS.get(kind, ("www-data", False)):
            name, has_ids = user
            python = stack.enter_context(engines.python_of(name, subordinate_ids=has_ids))
        if kind in _DRIVERS:
            python = ("env", f"DOCKER_MAGICS_DRIVER={kind}", *python)
        address = stack.enter_context(engines.embedded(*python))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DOCKER_HOST", address)
        images.provide(address, *names)
        yield address


def warnings() -> str:
    """Return the warnings of the engine, as `docker info` prints them to stderr."""
    return str(docker("info --format {form}", form='{{join .Warnings "\\n"}}'))
