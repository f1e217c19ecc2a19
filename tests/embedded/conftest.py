"""Fixtures for tests of faults."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded.faults import MIB, Registry, archive, serving
from embedded.shared import (
    client,
    load_busybox,
    running,
)


@pytest.fixture(scope="module")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The image busybox as `docker save` writes it."""
    folder = tmp_path_factory.mktemp("busybox")
    with running(folder), client(folder) as api:
        load_busybox(folder)
        return b"".join(api.images.get("busybox").save(named=True))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an engine with busybox."""
    folder = tmp_path_factory.mktemp("engine")
    with running(folder):
        load_busybox(folder)
        yield folder


@pytest.fixture
def faulty_registry() -> Iterator[Registry]:
    """A registry with a layer of 8 MiB."""
    with serving(archive(("noise", random.Random(1).randbytes(8 * MIB)))) as registry:
        yield registry
