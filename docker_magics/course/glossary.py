"""The terms of the course, in both languages, and the words that it avoids for them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.errors import clean

from . import language
from .check_result import escaped, rich


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


@dataclass(frozen=True)
class Glossary:
    """The terms of one language, as a cell displays them.

    Attributes:
        entries: each term, the same term in the other language, and its meaning.
    """

    entries: tuple[tuple[str, str, str], ...]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{_cell('th', escaped(name))}{_cell('td', escaped(other))}"
            f"{_cell('td', rich(meaning))}</tr>"
            for name, other, meaning in self.entries
        )
        return f"<table>{rows}</table>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        lines = (f"{name} ({other}): {meaning}" for name, other, meaning in self.entries)
        printer.text(clean("\n".join(lines)))


def _cell(tag: str, content: str) -> str:
    """Return a table's cell; Jupyter would align it to the right."""
    return f'<{tag} style="text-align: left">{content}</{tag}>'


def glossary(*, lang: str | None = None) -> Glossary:
    """Return the terms of the course, each with its meaning in one line.

    Args:
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the language does not exist.
    """
    spoken = language.chosen(lang)
    other = "en" if spoken == "ko" else "ko"
    return Glossary(
        tuple((term.names[spoken], term.names[other], term.meanings[spoken]) for term in terms())
    )


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return all terms, in English alphabetical order."""
    file = Path(__file__).with_name("glossary.json")
    entries = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Term(
            {code: entry[code] for code in ("en", "ko")},
            entry["meaning"],
            {code: tuple(entry[f"avoid_{code}"]) for code in ("en", "ko")},
        )
        for entry in entries
    )
