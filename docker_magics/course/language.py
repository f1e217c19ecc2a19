"""Phrases of the course in English and Korean.

The environment variable DOCKER_MAGICS_LANG selects the language; the default is English. A notebook
sets it once, in its first cell: `%env DOCKER_MAGICS_LANG=ko`.
"""

from __future__ import annotations

from dataclasses import dataclass

from docker_magics.errors import UsageError
from docker_magics.explain.texts import LANGUAGES, language


@dataclass(frozen=True)
class Phrase:
    """A sentence in both languages."""

    en: str
    ko: str

    def __getitem__(self, language: str) -> str:
        """Return the sentence in a language: "ko", or English for any other."""
        return self.ko if language == "ko" else self.en


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
