"""Recognizes the project in a folder."""

from __future__ import annotations

from pathlib import Path

from . import golang, java, node, python, static
from .project import Project

#: The first one that recognizes the folder wins: a Python program may have pages of its own.
_DETECTORS = (golang.detect, java.detect, node.detect, python.detect, static.detect)


def detect(folder: Path) -> Project | None:
    """Return the project in a folder, or None if it is unknown."""
    return next((project for detect in _DETECTORS if (project := detect(folder))), None)
