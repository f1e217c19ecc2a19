"""Keep the measurements of each run, and compare the last run with the one before.

A run is a file in build/bench, named after its start: a JSON object that maps the name of each
measurement to an object with its value (`ours`) and its unit.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from tools.bench.measurement import Measurement

FOLDER = Path(__file__).parent.parent.parent / "build/bench"


class Value(TypedDict):
    """A value of one run."""

    ours: float
    unit: str


def save(measurements: Iterable[Measurement], folder: Path = FOLDER) -> Path:
    """Write the measurements of a run to a new file; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {one.what: Value(ours=one.ours, unit=one.unit) for one in measurements}
    file = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}.json"
    file.write_text(json.dumps(values, indent=1, ensure_ascii=False))
    return file


def compare(folder: Path = FOLDER) -> Iterator[str]:
    """Yield a line for each measurement that the last two runs share: before, now, and the ratio.

    Raises:
        ValueError: there are no two runs.
    """
    files = sorted(folder.glob("*.json"))[-2:]
    if len(files) < 2:
        raise ValueError("cannot compare runs: there are no two; run make bench twice")
    before, now = (_read(file) for file in files)
    for what in [what for what in now if what in before]:
        ours, unit, earlier = now[what]["ours"], now[what]["unit"], before[what]["ours"]
        change = f"{ours / earlier:6.2f} x" if earlier else ""
        yield f"{what:58} {earlier:8.2f} -> {ours:8.2f} {unit:3} {change}".rstrip()


def _read(file: Path) -> dict[str, Value]:
    values: dict[str, Value] = json.loads(file.read_text())
    return values


if __name__ == "__main__":
    try:
        print(*compare(), sep="\n")
    except ValueError as error:
        sys.exit(str(error))
