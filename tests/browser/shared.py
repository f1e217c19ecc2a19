"""Shared definitions of the browser tests."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tools.front_ends import WITHIN_MS, OpenNotebook

#: The fixture `docker`: takes command-line arguments, returns stdout.
Docker = Callable[..., str]
#: The maximum response time to a click or a key.
ANSWER_MS = 2000

#: Runs a test on Docker Engine and on the embedded engine; tests/engine covers Podman.
on_each_engine = pytest.mark.parametrize(
    "host", ["docker", "embedded"], indirect=True, scope="session"
)


def open_dashboard(notebook: OpenNotebook, number: int = 1) -> Locator:
    """Run a dashboard's cell; return the dashboard."""
    notebook.start(number)
    dashboard = notebook.output(number).locator(".dm-dashboard")
    expect(dashboard).to_be_visible(timeout=WITHIN_MS)
    notebook.wait(number)  # afterwards the notebook does not move the focus
    return dashboard


def row(dashboard: Locator, name: str) -> Locator:
    """Return a container's row."""
    return dashboard.get_by_role("row").filter(has_text=re.compile(rf"^{re.escape(name)}\s"))
