"""Shared definitions of the browser tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

#: The fixture `docker`: takes command-line arguments, returns stdout.
Docker = Callable[..., str]
#: The maximum response time to a click or a key.
ANSWER_MS = 2000

#: Runs a test on Docker Engine and on the embedded engine; tests/engine covers Podman.
on_each_engine = pytest.mark.parametrize(
    "host", ["docker", "embedded"], indirect=True, scope="session"
)
