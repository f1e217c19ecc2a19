"""The course: exercises, pictures of the engine's state, and the helpers of the lessons."""

from __future__ import annotations

from . import diagrams
from .checking import check
from .glossary import glossary
from .progress import progress
from .question import predict
from .resetting import fresh, reset, set_aside
from .solution import solution

__all__ = [
    "check",
    "diagrams",
    "fresh",
    "glossary",
    "predict",
    "progress",
    "reset",
    "set_aside",
    "solution",
]
