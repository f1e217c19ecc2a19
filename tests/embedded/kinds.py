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
#: All kinds; `own` is the engine of whoever runs the tests.
_USERS = {**KINDS, "systrap": ("www-data", False), "own": None}
#: Kinds whose runtime driver has to be asked for by its name.
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
def private_engine(kind: str, *names: str) -> Iterator[str]:
    """Run an engine of a kind, with images.

    Yields:
        Its address, as in DOCKER_HOST.
    """
    if kind != "own" and os.geteuid() != 0:
        pytest.skip("all other tests already run on an unprivileged user's engine")
    if missing := debian.missing("images", *(["binder"] if kind in _DRIVERS else [])):
        unavailable(f"images and drivers are needed: {debian.install_command(missing)}")
    with contextlib.ExitStack() as stack:
        python: tuple[str, ...] = ()
        if user := _USERS[kind]:
            name, has_ids = user
            python = stack.enter_context(engines.python_of(name, subordinate_ids=has_ids))
        if kind in _DRIVERS:
            python = ("env", f"DOCKER_MAGICS_DRIVER={kind}", *python)
        address = stack.enter_context(engines.embedded(*python))
        if names:
            images.provide(address, *names)
        yield address


@contextlib.contextmanager
def engine_of(kind: str, *names: str) -> Iterator[str]:
    """Run an engine of a kind, with images; docker(...) uses it.

    Yields:
        Its address, as in DOCKER_HOST.
    """
    with private_engine(kind, *names) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        yield address


def warnings() -> str:
    """Return the warnings of the engine, as `docker info` prints them to stderr."""
    return str(docker("info --format {form}", form='{{join .Warnings "\\n"}}'))
