"""`python -m tools.bench [PART ...]`: run the benchmarks, all or some, and print what they tell."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PARTS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in {"__init__", "__main__", "measurement"}
)


def main(names: list[str]) -> int:
    """Run parts: modules beside this one, whose `run` yields Measured.

    Returns:
        1 where something is slower than promised.
    """
    met = True
    for name in names or PARTS:
        print(f"-- {name}")
        for measurement in importlib.import_module(f"tools.bench.{name}").run():
            print(measurement, flush=True)
            met = met and measurement.is_met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
