"""One file a section: each has a `SECTION`. A new file is a new section; nothing else is edited."""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module

from docker_magics.cli.suggest import did_you_mean
from docker_magics.course.exercise import Exercise, Section
from docker_magics.errors import UsageError


@functools.cache
def sections() -> dict[str, Section]:
    """All sections, by their number."""
    modules = (import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    found: list[Section] = [module.SECTION for module in modules]
    return {each.number: each for each in sorted(found, key=lambda section: section.number)}


def find(name: str) -> tuple[Section, Exercise]:
    """An exercise by its id, and its section.

    Raises:
        UsageError: there is none of that name.
    """
    for section in sections().values():
        if name in section.exercises:
            return section, section.exercises[name]
    ids = [identity for section in sections().values() for identity in section.exercises]
    raise UsageError(f"there is no exercise {name!r}{did_you_mean(name, ids)}")
