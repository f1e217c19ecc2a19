"""What a benchmark tells, and how it is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """One measurement.

    Attributes:
        what: what was done.
        ours: how long it took here.
        most: how long it may take; None where nothing was promised.
        beside: what it is measured beside, with its own time, in words.
        unit: `ms`, `s`, ..., or `x`: a share of another's.
    """

    what: str
    ours: float
    most: float | None = None
    beside: str = ""
    unit: str = "ms"

    @property
    def is_met(self) -> bool:
        """Whether it is as fast as promised."""
        return self.most is None or self.ours <= self.most

    def __str__(self) -> str:
        """One line of the report."""
        most = f"at most {self.most:g} {self.unit}" if self.most is not None else ""
        mark = "" if self.most is None else ("ok" if self.is_met else "TOO SLOW")
        return f"{self.what:58} {self.ours:8.2f} {self.unit:3} {most:18} {mark:9}{self.beside}"


def interleave(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """The least seconds of each, measured one after the other in each round.

    What takes longer than the least is what else the machine did meanwhile.
    """
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, taken in zip(acts, times, strict=True):
            started = time.perf_counter()
            act()
            taken.append(time.perf_counter() - started)
    return [min(taken) for taken in times]


def ratio(what: str, here: float, most: float | None, **others: float) -> Measurement:
    """A time as a share of the first other's.

    Args:
        what: what was done.
        here: seconds that it took here.
        most: the share that it may have.
        **others: seconds that it took others, by what they are; `_` is a space.
    """
    first = next(iter(others.values()))
    times = {"": here, **others}
    beside = ", ".join(
        f"{name.replace('_', ' ')} {1000 * seconds:.0f} ms".lstrip()
        for name, seconds in times.items()
    )
    return Measurement(what, here / first, most, beside, "x")
