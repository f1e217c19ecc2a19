"""The course: `check("03.2")` looks at an exercise, `diagrams` draws the engine as it is."""

from __future__ import annotations

from . import diagrams
from .checking import check

__all__ = ["check", "diagrams"]
