"""The history of benchmarks: what is kept of a run, and the comparison of two."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench import history
from tools.bench.measurement import Measurement


def test_the_last_two_runs_are_compared(tmp_path: Path) -> None:
    history.save([Measurement("of an older run", 9)], tmp_path)
    history.save([Measurement("run", 20), Measurement("gone", 1), Measurement("zero", 0)], tmp_path)
    history.save([Measurement("run", 30), Measurement("new", 1), Measurement("zero", 2)], tmp_path)
    run, zero = history.compare(tmp_path)
    assert run.split() == ["run", "20.00", "->", "30.00", "ms", "1.50", "x"]
    assert zero.split() == ["zero", "0.00", "->", "2.00", "ms"]


def test_one_run_is_not_compared(tmp_path: Path) -> None:
    history.save([Measurement("run", 20)], tmp_path)
    with pytest.raises(ValueError, match="cannot compare runs: there are no two"):
        list(history.compare(tmp_path))
