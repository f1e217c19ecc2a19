"""The course: exercises, pictures of the engine's state, and the helpers of the lessons.

`%load_ext docker_magics.course` explains the docker errors of a notebook below its cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import diagrams, happened
from .checking import check
from .glossary import glossary
from .progress import progress
from .question import predict
from .quiz import quiz
from .resetting import fresh, reset, set_aside
from .sheet import cheat_sheet
from .solution import solution
from .ticking import task

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "cheat_sheet",
    "check",
    "diagrams",
    "fresh",
    "glossary",
    "predict",
    "progress",
    "quiz",
    "reset",
    "set_aside",
    "solution",
    "task",
]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Explain docker errors below the cells that they end."""
    happened.install(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Explain no further errors."""
    happened.uninstall(shell)
