"""The course: `check("03.2")` checks an exercise, `diagrams` draws the state of the engine."""

from __future__ import annotations

from . import diagrams
from .checking import check

__all__ = ["check", "diagrams"]
