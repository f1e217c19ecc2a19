"""The tables of the places where notebooks are."""

from __future__ import annotations

import re

from tools.places import PAGES, filled, named_tests, outcomes

PAGE = """\
| place | test | outcome |
| --- | --- | --- |
| Binder | `tests/embedded/test_pod.py` |  |
| Colab | `tests/test_colab.py` | 9 passed |
| Kaggle | `tests/test_colab.py` | 9 passed |
"""
REPORT = """<testsuites><testsuite>
<testcase file="tests/embedded/test_pod.py" name="a"/>
<testcase file="tests/embedded/test_pod.py" name="b"/>
<testcase file="tests/embedded/test_pod.py" name="c"><skipped/></testcase>
<testcase file="tests/test_colab.py" name="d"><error/></testcase>
</testsuite></testsuites>"""


def test_the_tests_of_a_table() -> None:
    assert named_tests(PAGE) == ["tests/embedded/test_pod.py", "tests/test_colab.py"]


def test_the_outcomes_of_a_report() -> None:
    assert outcomes(REPORT) == {
        "tests/embedded/test_pod.py": {"passed": 2, "skipped": 1},
        "tests/test_colab.py": {"failed": 1},
    }


def test_the_outcomes_go_to_the_last_column() -> None:
    text = filled(PAGE, outcomes(REPORT), "{passed} passed", "{failed} failed")
    cells = [line.split(" | ")[-1] for line in text.splitlines()[2:]]
    assert cells == ["2 passed |", "1 failed |", "1 failed |"]


def test_each_place_of_the_pages_was_tried() -> None:
    counts = []
    for page, (passed, _) in PAGES.items():
        text = page.read_text()
        pattern = re.escape(passed).replace(r"\{passed\}", r"(\d+)")
        counts.append(re.findall(rf"`tests/[\w/]+\.py` \| {pattern} \|$", text, re.MULTILINE))
        assert len(counts[-1]) == text.count("| `tests/")
    assert counts[0] == counts[1]
