"""Servers in pods like Binder's, with and without a seccomp profile, and on Colab's machines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded import pods
from embedded.services import SERVICES, base

from tools.pod import BINDER, COLAB, UNCONFINED, Pod, pod

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all", reason="takes long: make test-nightly"
    ),
]
PLACES = {"Binder": BINDER, "Binder, unconfined": UNCONFINED, "Colab": COLAB}
TESTS = Path(__file__).parent.parent
#: Where a pod finds the services' root filesystems.
CACHE = Path("/images")


@pytest.fixture(scope="module", params=PLACES)
def machine(
    request: pytest.FixtureRequest, dockerd: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pod]:
    """A machine whose engine runs systrap, with busybox and what the services' images need."""
    require_systrap()
    cache = pods.cache_of(["busybox"], tmp_path_factory.mktemp("cache"))
    for name in SERVICES:
        pods.add(cache, base(name))
    with pod(dockerd, {cache: CACHE}, place=PLACES[request.param]) as own:
        pods.load(own, ["busybox"], CACHE)
        yield own


@pytest.mark.parametrize("name", SERVICES)
def test_a_server_answers_stops_and_keeps_its_data(machine: Pod, name: str) -> None:
    paths = f"{TESTS.parent}:{TESTS}"
    machine.python(
        "-m", "embedded.service_life", name,
        env={"PYTHONPATH": paths, "XDG_CACHE_HOME": str(CACHE)}, seconds=500,
    )  # fmt: skip
