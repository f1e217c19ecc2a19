"""Fixtures of the registry's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.images.support import Store
from unit.embedded.registry.support import FakeRegistry

from docker_magics.embedded.registry.service import Registries

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignore the machine's proxies."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    """An empty registry on loopback."""
    with FakeRegistry() as fake:
        yield fake


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty image store with fake dependencies."""
    return Store(tmp_path)


@pytest.fixture
def registries(store: Store) -> Registries:
    """The registry service, with an empty configuration in its root folder."""
    (store.folder / "daemon.json").write_text("{}")
    return Registries(store.images, store.folder, store.tmp)
