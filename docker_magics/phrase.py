"""Sentences of docker_magics in English and Korean, and the language of the session.

The environment variable DOCKER_MAGICS_LANG selects the language; the default is English. A notebook
sets it once, in its first cell: `%env DOCKER_MAGICS_LANG=ko`.
"""

from __future__ import annotations

import os

LANGUAGES = ("en", "ko")
VARIABLE = "DOCKER_MAGICS_LANG"


class Phrase:
    """A sentence in both languages; equal sentences are equal phrases."""

    def __init__(self, en: str, ko: str) -> None:
        self.en = en
        self.ko = ko

    def __getitem__(self, language: str) -> str:
        """Return the sentence in a language: "ko", or English for any other."""
        return self.ko if language == "ko" else self.en

    def __str__(self) -> str:
        """Return the sentence in the session's language."""
        return self[language()]

    def __eq__(self, other: object) -> bool:
        """Whether the other one is the same sentence."""
        return isinstance(other, Phrase) and (self.en, self.ko) == (other.en, other.ko)

    def __hash__(self) -> int:
        """Return the hash of both sentences."""
        return hash((self.en, self.ko))


def language() -> str:
    """Return the language code of DOCKER_MAGICS_LANG (`ko`, `ko_KR.UTF-8`); the default is `en`."""
    code = os.environ.get(VARIABLE, "")[:2].lower()
    return code if code in LANGUAGES else LANGUAGES[0]


def exited(code: int) -> str:
    """Return the sentence that a process exited with a code."""
    return str(Phrase(f"exited with code {code}", f"종료 코드: {code}"))


def file_line(number: int) -> str:
    """Return the words for a line of a file, counted from 1."""
    return str(Phrase(f"line {number}", f"{number}번째 줄"))


def cell_line(number: int) -> str:
    """Return the words for a line of a cell, counted from 1."""
    return str(Phrase(f"line {number} of the cell", f"셀의 {number}번째 줄"))
