"""Shared helpers of the widgets' tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

#: The fixture `docker`: words of a command line, and what it prints.
Docker = Callable[..., str]
#: A click or a key is answered within this.
ANSWER_MS = 2000

#: What must work on the embedded engine too; Podman's share is in tests/engine.
on_each_engine = pytest.mark.parametrize(
    "host", ["docker", "embedded"], indirect=True, scope="session"
)
