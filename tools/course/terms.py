"""The course's cheat sheets and glossary as pages in Markdown, for the documentation site."""

from __future__ import annotations

from collections.abc import Iterable

from docker_magics import course
from docker_magics.course.sheet import sheets
from docker_magics.phrase import Phrase

_SHEETS = Phrase("Cheat sheets", "요약")
_LINE = Phrase("line | what it does", "줄 | 하는 일")
_GLOSSARY = Phrase("Glossary", "용어")
_TERM = Phrase("term | meaning", "용어 | 뜻")


def cheat_sheets(language: str) -> str:
    """Return the cheat sheets of all sections in a language, "en" or "ko"."""
    parts = [f"# {_SHEETS[language]}\n"]
    for section in sheets():
        sheet = course.cheat_sheet(section, lang=language)
        lines = ((f"`{line}`", purpose) for line, purpose in sheet.lines)
        parts += [f"## {sheet.title}\n", _table(_LINE[language], lines)]
    return "\n".join(parts)


def glossary(language: str) -> str:
    """Return all terms in a language, "en" or "ko", with those of the other one."""
    rows = (
        (f"**{name}**" if name == other else f"**{name}** ({other})", meaning)
        for name, other, meaning in course.glossary(lang=language).entries
    )
    return f"# {_GLOSSARY[language]}\n\n{_table(_TERM[language], rows)}"


def _table(head: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head} |", "| --- | --- |"]
    lines += [f"| {name} | {text} |" for name, text in rows]
    return "\n".join(lines) + "\n"
