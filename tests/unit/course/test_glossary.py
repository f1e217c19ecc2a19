"""One word for each thing, and one register, in all texts that learners read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import docker_magics
from docker_magics.course.glossary import terms

PACKAGE = Path(docker_magics.__file__).parent
NOTEBOOKS = PACKAGE.parent / "notebooks"
HANGUL = re.compile("[\uac00-\ud7a3]")
#: A text in backticks or an indented line of code is not prose.
CODE = re.compile(r"`[^`]*`|^ {4}.*$|```.*?```", re.MULTILINE | re.DOTALL)


def prose(language: str) -> Iterator[tuple[str, str]]:
    """Yield all texts of a language, each with its place."""
    folder = NOTEBOOKS / "ko" if language == "ko" else NOTEBOOKS
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield f"{path.name} {cell['id']}", "".join(cell["source"])
    explained = json.loads((PACKAGE / f"explain/{language}.json").read_text(encoding="utf-8"))
    yield from ((f"explain/{language}.json", text) for text in leaves(explained))
    for path in sorted((PACKAGE / "course").rglob("*.json")):
        if path.name != "glossary.json":
            entries = json.loads(path.read_text(encoding="utf-8"))
            yield from ((path.name, text) for text in leaves(in_language(entries, language)))
    widgets = json.loads((PACKAGE / "widgets/src/texts.json").read_text(encoding="utf-8"))
    yield from (("widgets/src/texts.json", text[language]) for text in widgets.values())
    for path in sorted(PACKAGE.rglob("*.py")):
        if "Phrase(" not in path.read_text(encoding="utf-8"):
            continue
        for text in strings(path):
            if bool(HANGUL.search(text)) == (language == "ko"):
                yield f"{path.name}", text


def leaves(tree: Any) -> Iterator[str]:
    """Yield all texts of a JSON value."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from leaves(value)


def in_language(entries: dict[str, Any], language: str) -> list[Any]:
    """Return a language's part of the entries; a section's are a list, of a sheet its lines."""
    parts = [
        value.get("lines", value) if isinstance(value, dict) else value
        for value in entries.values()
    ]
    return [
        entry[language]
        for value in parts
        for entry in (value if isinstance(value, list) else [value])
    ]


def strings(path: Path) -> Iterator[str]:
    """Yield the strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documented
        ):
            yield node.value


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_glossary_s_words_are_used(language: str) -> None:
    avoided = [word for term in terms() for word in term.avoided[language]]
    used = [
        f"{place}: {word}"
        for place, text in prose(language)
        for word in avoided
        if re.search(rf"(?<![\w가-힣]){re.escape(word)}", text)
    ]
    assert used == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_term_is_taught(language: str) -> None:
    text = "\n".join(text for _, text in prose(language)).lower()
    assert [
        term.names[language] for term in terms() if term.names[language].lower() not in text
    ] == []


def test_korean_has_one_register() -> None:
    """Sentences end in 해요체; 합니다체 is another register, which only a certificate has."""
    formal = [
        f"{place}: {match[0]}"
        for place, text in prose("ko")
        if place != "certificate.py"
        for match in re.finditer(r"\S*니다(?=[\s.,;:)!?]|$)", CODE.sub("", text))
    ]
    assert formal == []


def test_korean_text_has_no_josa_in_brackets() -> None:
    """Not `이름`(이)라는: a sentence that needs no particle after a value reads better."""
    bracketed = re.compile(r"\((?:이|을|를|은|는|가|으)\)|[을를은는이가]\([을를은는이가]\)")
    assert [f"{place}: {text}" for place, text in prose("ko") if bracketed.search(text)] == []


def test_terms_are_sorted_and_explained_in_both_languages() -> None:
    names = [term.names["en"].lower() for term in terms()]
    assert names == sorted(names)
    for term in terms():
        assert all(term.names[language] and term.meanings[language] for language in ("en", "ko"))


def test_emphasis_in_korean_ends_where_markdown_ends_it() -> None:
    """Between punctuation and a letter `*` does not end emphasis: a reader would see it.

    source: CommonMark, right-flanking delimiter run.
    """
    not_an_end = re.compile(r"[?!.,:;)]\*{1,2}[\uac00-\ud7a3]")
    cells = ((place, text) for place, text in prose("ko") if ".ipynb" in place)
    assert [place for place, text in cells if not_an_end.search(CODE.sub("x", text))] == []
