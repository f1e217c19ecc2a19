"""What the course says, in English and in Korean.

The environment variable DOCKER_MAGICS_LANG chooses, so that a notebook says it once, in its first
cell (`%env DOCKER_MAGICS_LANG=ko`); English where it is not set.
"""

from __future__ import annotations

from dataclasses import dataclass

from docker_magics.errors import UsageError
from docker_magics.explain.texts import LANGUAGES, language


@dataclass(frozen=True)
class Phrase:
    """One sentence in both languages."""

    en: str
    ko: str

    def __getitem__(self, language: str) -> str:
        """The sentence in a language."""
        return self.ko if language == "ko" else self.en


def code(typed: str) -> Phrase:
    """What is typed, the same in both languages."""
    return Phrase(f"`{typed}`", f"`{typed}`")


def chosen(asked: str | None = None) -> str:
    """The language that was asked for, or else the environment's.

    Raises:
        UsageError: the course does not speak it.
    """
    if asked is None:
        return language()
    if asked not in LANGUAGES:
        raise UsageError(f"the course speaks {' and '.join(LANGUAGES)}, not {asked}")
    return asked
