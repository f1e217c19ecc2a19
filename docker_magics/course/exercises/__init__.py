"""The exercises, one module per section, each with a `SECTION`; new modules are found by name."""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module

from docker_magics.cli.suggest import did_you_mean
from docker_magics.course.exercise import Exercise, Section
from docker_magics.errors import UsageError
from docker_magics.phrase import Phrase


@functools.cache
def sections() -> dict[str, Section]:
    """Return all sections by number."""
    modules = (
        import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)
    )
    declared: list[Section] = [module.SECTION for module in modules]
    return {entry.number: entry for entry in sorted(declared, key=lambda section: section.number)}


def find(name: str) -> tuple[Section, Exercise]:
    """Return the section and the exercise of an exercise ID.

    Raises:
        UsageError: the exercise does not exist.
    """
    for section in sections().values():
        if name in section.exercises:
            return section, section.exercises[name]
    ids = [identity for section in sections().values() for identity in section.exercises]
    unknown = Phrase(f"unknown exercise {name!r}", f"{name!r} 문제는 없어요")
    raise UsageError(f"{unknown}{did_you_mean(name, ids)}")
