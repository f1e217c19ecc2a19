"""The terms of the course, in both languages, and the words that it avoids for them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Term:
    """A term.

    Attributes:
        names: the term by language, "en" and "ko".
        meanings: one line by language.
        avoided: other words for it by language, which the course does not use.
    """

    names: Mapping[str, str]
    meanings: Mapping[str, str]
    avoided: Mapping[str, tuple[str, ...]]


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return all terms, in English alphabetical order."""
    file = Path(__file__).with_name("glossary.json")
    entries = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Term(
            {language: entry[language] for language in ("en", "ko")},
            entry["meaning"],
            {language: tuple(entry[f"avoid_{language}"]) for language in ("en", "ko")},
        )
        for entry in entries
    )
