"""The functions of systrap's C source, in a library that is built for the tests."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest
from unit.systrap import library

from tools import systrap


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """All functions of the source."""
    library.require()
    path = Path(tmp_path_factory.mktemp("systrap"), "systrap.so")
    systrap.build_library(path)
    return ctypes.CDLL(str(path))
