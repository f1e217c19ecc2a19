"""The cheat sheets: the lines that the lessons have, and terms of the glossary."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from IPython.lib.pretty import pretty

import docker_magics
from docker_magics.course import cheat_sheet
from docker_magics.course.sheet import sheets
from docker_magics.errors import UsageError

NOTEBOOKS = Path(docker_magics.__file__).parent.parent / "notebooks"
#: The heading of the lines for the terminal, by language.
HEADINGS = {"en": "## The same in your terminal", "ko": "## 터미널에서도 똑같이"}


def lines_in_notebook(section: str, language: str) -> list[str]:
    """Return the lines for the terminal at the end of a section."""
    folder = NOTEBOOKS / "ko" if language == "ko" else NOTEBOOKS
    (path,) = folder.glob(f"{section}-*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    (text,) = [text for text in texts if text.startswith(HEADINGS[language])]
    assert f'cheat_sheet("{section}")' in texts
    return re.findall(r"^ {4}(docker .*)$", text, re.MULTILINE)


@pytest.mark.parametrize("section", list(sheets()))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_sheet_has_the_lines_of_its_section(section: str, language: str) -> None:
    sheet = cheat_sheet(section, lang=language)
    assert [line for line, _ in sheet.lines] == lines_in_notebook(section, language)
    assert all(purpose for _, purpose in sheet.lines)
    assert sheet.terms


def test_a_sheet_is_text_and_html() -> None:
    sheet = cheat_sheet("02", lang="ko")
    assert "02장 요약" in pretty(sheet)
    assert "레이어: 빌드의 한 단계" in pretty(sheet)
    assert "<code>docker diff writer</code>" in sheet._repr_html_()
    assert "echo hello &gt; /note.txt" in sheet._repr_html_()


def test_an_unknown_section_is_a_one_line_error() -> None:
    with pytest.raises(UsageError, match="expected one of the sections 00, 01"):
        cheat_sheet("99", lang="en")
