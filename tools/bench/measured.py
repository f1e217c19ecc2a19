"""What a benchmark tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes:
        what: what was done.
        ours: how long it took here.
        most: how long it may take; None where nothing was promised.
        beside: what it is measured beside, with its own time, in words.
        unit: `ms`, `s`, ...
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
