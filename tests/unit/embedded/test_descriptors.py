"""The limit of descriptors: the engine's, and that of containers."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
from docker_magics.embedded import descriptors
descriptors.raise_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE), descriptors.limit())
descriptors.restore_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE), descriptors.limit())
"""


def run(script: str, **options: object) -> str:
    """Return what a Python program prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, **options)  # type: ignore[call-overload]  # fmt: skip  # noqa: E501
    return str(done.stdout)


def test_the_soft_limit_is_raised_for_the_engine_only() -> None:
    assert run(SCRIPT) == "(200, 200) 200\n(100, 200) 100\n"
