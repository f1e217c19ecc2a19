"""The cheat sheet of a section: its lines for the terminal and its terms, on one page.

`sheets.json` has the sheets: section -> `lines`, each with its purpose in both languages, and
`terms` of the glossary.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.errors import UsageError, clean
from docker_magics.phrase import Phrase

from . import language
from .check_result import escaped, rich
from .glossary import terms

_TITLE = Phrase("Cheat sheet {section}", "{section}장 요약")
_UNKNOWN = Phrase(
    "expected one of the sections {sections}, got {given!r}",
    "{given!r} 장은 없어요. 쓸 수 있는 장: {sections}",
)


@dataclass(frozen=True)
class CheatSheet:
    """A section on one page.

    Attributes:
        title: its title.
        lines: each line for the terminal, and its purpose.
        terms: each term, and its meaning.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]

    def _repr_html_(self) -> str:
        lines = "".join(
            f'<tr><td style="text-align: left"><code>{escaped(line)}</code></td>'
            f'<td style="text-align: left">{rich(purpose)}</td></tr>'
            for line, purpose in self.lines
        )
        meanings = "".join(
            f"<dt><strong>{escaped(name)}</strong></dt><dd>{rich(meaning)}</dd>"
            for name, meaning in self.terms
        )
        return f"<strong>{escaped(self.title)}</strong><table>{lines}</table><dl>{meanings}</dl>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        lines = [f"  {line}\n      {purpose}" for line, purpose in self.lines]
        meanings = [f"  {name}: {meaning}" for name, meaning in self.terms]
        printer.text(clean("\n".join([self.title, *lines, *meanings])))


def cheat_sheet(section: str, *, lang: str | None = None) -> CheatSheet:
    """Return the cheat sheet of a section.

    Args:
        section: the section, "02".
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the section or the language does not exist.
    """
    spoken = language.chosen(lang)
    if section not in sheets():
        raise UsageError(_UNKNOWN[spoken].format(sections=", ".join(sheets()), given=section))
    entry = sheets()[section]
    named = {term.names["en"]: term for term in terms()}
    return CheatSheet(
        _TITLE[spoken].format(section=section),
        tuple((line["line"], line[spoken]) for line in entry["lines"]),
        tuple((named[name].names[spoken], named[name].meanings[spoken]) for name in entry["terms"]),
    )


@functools.cache
def sheets() -> dict[str, Any]:
    """Return the contents of all sheets by section."""
    file = Path(__file__).with_name("sheets.json")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
