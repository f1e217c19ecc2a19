"""The number of cases: FUZZ_CASES of each property (`make fuzz` runs 100,000)."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import InMemoryExampleDatabase

CASES = int(os.environ.get("FUZZ_CASES", "150"))
#: Cases that Hypothesis makes; further ones are made of random bytes, four times as fast.
MADE = min(CASES, 1000)
#: Bytes of a case. Few make small values; a case that needs more than it has is not counted.
_LENGTHS = (50, 200, 800, 3200)
#: Seconds that a case may take.
DEADLINE_S = 2 if CASES == MADE else 10


def pytest_configure(config: pytest.Config) -> None:
    """Bound each case in time. A short run always has the same cases, a long one further ones."""
    config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")
    settings.register_profile(
        "fuzz",
        max_examples=MADE,
        deadline=timedelta(seconds=DEADLINE_S),
        derandomize=CASES == MADE,
        database=None if CASES == MADE else InMemoryExampleDatabase(),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("fuzz")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Check a property with the further cases of a long run."""
    result = yield
    if hasattr(pyfuncitem.obj, "hypothesis"):
        _check_further(pyfuncitem.obj, CASES - MADE)
    return result


def _check_further(check: Any, count: int) -> None:
    """Check a property with cases that Hypothesis reads from random bytes."""
    check_case: Callable[[bytes], bytes | None] = check.hypothesis.fuzz_one_input
    source = random.Random()
    checked = 0
    while checked < count:
        started = time.process_time()
        try:
            is_complete = check_case(source.randbytes(source.choice(_LENGTHS))) is not None
        except Exception:
            check()  # finds the case in the database, and shows the smallest like it
            raise
        assert time.process_time() - started < DEADLINE_S
        checked += is_complete
