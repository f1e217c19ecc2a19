"""Test the embedded engine's endurance: `python -m tools.bench soak`, as root, in ten minutes.

Each line says what was measured and whether it is within its limit. Every check is bounded in time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tools import debian, engines
from tools.bench.measurement import Measurement
from tools.bench.soak import containers, transfers
from tools.bench.soak.target import Sizes, target


def run() -> Iterator[Measurement]:
    """Yield what is left of containers, how memory grows, how many requests fail, and times."""
    if os.geteuid() != 0 or not debian.ensure("docker", "registry", "images"):
        print("a private network and a registry are needed; run as root")
        return
    engines.private_network()
    sizes = Sizes()
    with target() as engine:
        for check in (*containers.CHECKS, *transfers.CHECKS):
            yield from check(engine, sizes)
