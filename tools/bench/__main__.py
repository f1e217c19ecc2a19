"""`python -m tools.bench [PART ...]`: run some or all benchmarks and print the results."""

from __future__ import annotations

import importlib
import sys

from tools.bench import history

#: The benchmarks of speed. `soak` and `classroom` take long, and run by their names.
PARTS = ("core", "startup", "embedded", "widgets")


def main(names: list[str]) -> int:
    """Run parts: modules of this package whose `run` yields Measurement objects.

    Returns:
        1 if a measurement exceeds its limit, else 0.
    """
    taken = []
    for name in names or PARTS:
        print(f"-- {name}")
        for measurement in importlib.import_module(f"tools.bench.{name}").run():
            print(measurement, flush=True)
            taken.append(measurement)
    print(f"Wrote {history.save(taken)}; make bench-compare compares it with the run before.")
    return 0 if all(measurement.is_met for measurement in taken) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
