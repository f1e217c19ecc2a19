"""`python -m tools.bench [PART ...]`: run some or all benchmarks and print the results."""

from __future__ import annotations

import importlib
import sys

#: The benchmarks of speed. `soak` and `classroom` take long, and run by their names.
PARTS = ("core", "startup", "embedded", "widgets")


def main(names: list[str]) -> int:
    """Run parts: modules of this package whose `run` yields Measurement objects.

    Returns:
        1 if a measurement exceeds its limit, else 0.
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
