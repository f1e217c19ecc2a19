"""The checks of `python -m tools.bench soak`, with small numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from conftest import unavailable

from tools import debian
from tools.bench.soak import containers, transfers
from tools.bench.soak.target import Check, Sizes, Target, target

SMALL = Sizes(
    cycles=20,
    execs=40,
    consoles=15,
    checked=4,
    listed=60,
    log_bytes=5_000_000,
    connections=1_100,
    cuts=3,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Target]:
    """An engine with the usual limit of descriptors."""
    if os.geteuid() != 0:
        unavailable("only root can start a private registry and network: sudo make test")
    if missing := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(missing)}")
    with target() as running:
        yield running


@pytest.mark.parametrize(
    "check", [*containers.CHECKS, *transfers.CHECKS], ids=lambda check: check.__name__
)
def test_small(engine: Target, check: Check) -> None:
    results = list(check(engine, SMALL))
    # of 20 containers, the growth of memory says nothing
    assert [str(result) for result in results if not result.is_met and result.unit != "%"] == []
