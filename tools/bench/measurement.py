"""Take and report measurements."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """One measurement.

    Attributes:
        what: the measured operation.
        ours: this project's value.
        most: the limit; None without one.
        beside: the values of the alternatives, as text.
        unit: `ms`, `s`, `MB`, ..., or `x` for a ratio.
    """

    what: str
    ours: float
    most: float | None = None
    beside: str = ""
    unit: str = "ms"

    @property
    def is_met(self) -> bool:
        """Whether the value is within the limit."""
        return self.most is None or self.ours <= self.most

    def __str__(self) -> str:
        """Return one line of the report."""
        most = f"at most {self.most:g} {self.unit}" if self.most is not None else ""
        mark = "" if self.most is None else ("ok" if self.is_met else "EXCEEDED")
        return f"{self.what:58} {self.ours:8.2f} {self.unit:3} {most:18} {mark:9}{self.beside}"


def interleave(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """Run the functions in turns; return the minimum seconds of each.

    The minimum is the least disturbed by other load on the machine.
    """
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, taken in zip(acts, times, strict=True):
            started = time.perf_counter()
            act()
            taken.append(time.perf_counter() - started)
    return [min(taken) for taken in times]


def ratio(what: str, here: float, most: float | None, **others: float) -> Measurement:
    """Return a measurement of a time relative to the first alternative.

    Args:
        what: the measured operation.
        here: this project's seconds.
        most: the maximum ratio; None without a limit.
        **others: the seconds of the alternatives by name; `_` stands for a space.
    """
    first = next(iter(others.values()))
    times = {"": here, **others}
    beside = ", ".join(
        f"{name.replace('_', ' ')} {1000 * seconds:.0f} ms".lstrip()
        for name, seconds in times.items()
    )
    return Measurement(what, here / first, most, beside, "x")
