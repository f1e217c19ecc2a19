"""The Korean pages of the documentation say what README.md says: their code is the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tools import docs
from tools.course import terms

PAGES = {
    "install": ["Install"],
    "notebook": ["Use it in a notebook"],
    "learn": ["Learn Docker with it", "The course"],
}


def code(text: str) -> set[str]:
    """Return the code in a text: words in backticks, and lines of blocks without comments."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^ {4}(\S.*)", rest, re.MULTILINE)
    inputs = "\n".join(block.partition("\nrun  ")[0] for block in fenced)  # no explanations
    lines = [re.split(r"\s+#", line)[0] for line in [*inputs.splitlines(), *indented]]
    return {*lines, *(" ".join(word.split()) for word in re.findall(r"`([^`]+)`", rest))}


@pytest.mark.parametrize(("page", "titles"), PAGES.items(), ids=PAGES)
def test_the_code_of_both_languages_is_the_same(page: str, titles: Sequence[str]) -> None:
    english = code("\n".join(docs.section(title)() for title in titles))
    text = docs.file(f"docs/ko/{page}.md")()
    korean = code(text.replace("notebooks/ko/00-", "notebooks/00-"))  # the same, in Korean
    assert korean == english


def test_a_glossary_and_cheat_sheets_of_both_languages() -> None:
    assert "| **base image** (베이스 이미지) | the image that" in terms.glossary("en")
    assert "| **베이스 이미지** (base image) | Dockerfile의" in terms.glossary("ko")
    assert "## Cheat sheet 02\n\n| line | what it does |\n| --- | --- |\n| `docker" in (
        terms.cheat_sheets("en")
    )
    assert "## 02장 요약\n\n| 줄 | 하는 일 |\n| --- | --- |\n| `docker" in terms.cheat_sheets("ko")
