"""The language of the course, and phrases of code."""

from __future__ import annotations

from docker_magics.errors import UsageError
from docker_magics.phrase import LANGUAGES, Phrase, language


def code(typed: str) -> Phrase:
    """Return a phrase of code, the same in both languages."""
    return Phrase(f"`{typed}`", f"`{typed}`")


def chosen(requested: str | None = None) -> str:
    """Return the requested language, or else that of the environment.

    Raises:
        UsageError: the course does not exist in the requested language.
    """
    if requested is None:
        return language()
    if requested not in LANGUAGES:
        raise UsageError(f"expected lang {' or '.join(LANGUAGES)}, got {requested}")
    return requested
