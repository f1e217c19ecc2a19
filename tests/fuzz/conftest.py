"""The number of cases: FUZZ_CASES of each property (`make fuzz` runs 100,000)."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("FUZZ_CASES", "150"))


def pytest_configure(config: pytest.Config) -> None:
    """Bound each case in time. A short run always has the same cases, a long one further ones."""
    del config
    settings.register_profile(
        "fuzz",
        max_examples=CASES,
        deadline=timedelta(seconds=2 if CASES <= 1000 else 10),
        derandomize=CASES <= 1000,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("fuzz")
