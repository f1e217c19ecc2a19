"""The widgets' texts: both languages are complete, and no other file of the front end has any."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import docker_magics

SOURCES = Path(docker_magics.__file__).parent / "widgets/src"
TEXTS: dict[str, dict[str, str]] = json.loads((SOURCES / "texts.json").read_text("utf-8"))
#: Comments and imports, whose strings no reader sees.
HIDDEN = re.compile(r"(?:^|(?<=\s))//.*$|^import [^;]*;", re.MULTILINE)
LITERAL = re.compile(r"`([^`\n]*)`|\"((?:\\.|[^\"\\\n])*)\"")
#: A text for readers: a capitalized word, several plain words, or Korean.
PROSE = re.compile(r"^[A-Z][a-z]+\b|(?<![-\w])[a-z]+ [a-z]+(?![-\w])|[\uac00-\ud7a3]")
#: Names of keys, class names, and words of docker.
NOT_PROSE = re.compile(
    r"Escape|Tab|Ctrl\+.*|dm-.*|run -d|docker .*|noopener noreferrer|black red .*"
    r"|(project|container|create a) "
)
VALUE = re.compile(r"\{\w+\}")


def literals(source: str) -> Iterator[str]:
    """Yield the strings of a source; templates without their values."""
    for template, text in LITERAL.findall(HIDDEN.sub("", source)):
        yield re.sub(r"\$\{[^}]*\}", "", template) or text


def test_each_text_has_both_languages_with_the_same_values() -> None:
    for key, text in TEXTS.items():
        assert {"en", "ko"} <= text.keys() <= {"en", "ko", "one"}, key
        assert all(text.values()), key
        assert len({frozenset(VALUE.findall(template)) for template in text.values()}) == 1, key


def test_the_front_end_has_no_other_texts() -> None:
    others = {
        (path.name, literal)
        for path in SOURCES.glob("*.ts")
        for literal in literals(path.read_text("utf-8"))
        if PROSE.search(literal) and literal not in TEXTS and not NOT_PROSE.fullmatch(literal)
    }
    assert others == set()


def test_each_text_is_used() -> None:
    used = "\n".join(path.read_text("utf-8") for path in SOURCES.glob("*.ts"))
    composed = re.compile(r"(search|no|create a|count\.) ?\w+")  # by the kind of list
    assert [key for key in TEXTS if f'"{key}"' not in used and not composed.fullmatch(key)] == []
