"""`make places`: try the places where notebooks are, and write how it went into the tables.

The table of README.md and the one of docs/ko/install.md name a test for each place. Its outcome
goes to the last column.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
_REPORT = ROOT / "build/places.xml"
#: Page -> how its language says that tests passed, and that some failed.
PAGES = {
    ROOT / "README.md": ("{passed} passed", "{failed} failed"),
    ROOT / "docs/ko/install.md": ("{passed}개 통과", "{failed}개 실패"),
}
#: A row whose last but one cell names a test.
_ROW = re.compile(r"^(\|.*\| `(tests/[\w/]+\.py)` \|) [^|\n]* \|$", re.MULTILINE)

Outcomes = Mapping[str, Counter[str]]


def named_tests(text: str) -> list[str]:
    """Return the test file of each row, in order and once."""
    return list(dict.fromkeys(match[2] for match in _ROW.finditer(text)))


def outcomes(report: str) -> dict[str, Counter[str]]:
    """Return test file -> how many of its tests `passed`, `failed` and were `skipped`.

    source: pytest's documentation, "Creating JUnitXML format files".
    """
    counts: dict[str, Counter[str]] = {}
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        tags = {child.tag for child in case}
        outcome = "failed" if tags & {"failure", "error"} else "passed"
        counts.setdefault(case.attrib["file"], Counter())[
            "skipped" if "skipped" in tags else outcome
        ] += 1
    return counts


def filled(text: str, outcomes: Outcomes, passed: str, failed: str) -> str:
    """Return a page with the outcomes in the last column of its rows."""

    def row(match: re.Match[str]) -> str:
        counts = outcomes.get(match[2], Counter())
        template = failed if counts["failed"] or not counts["passed"] else passed
        outcome = template.format(passed=counts["passed"], failed=counts["failed"])
        return f"{match[1]} {outcome} |"

    return _ROW.sub(row, text)


def _run(paths: Sequence[str]) -> dict[str, Counter[str]]:
    command = ["-m", "pytest", "-q", "-o", "junit_family=xunit1", f"--junitxml={_REPORT}", *paths]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=False)
    return outcomes(_REPORT.read_text())


def main() -> int:
    """Run the tests of README.md's table and fill both tables; return 1 if a test failed."""
    counts = _run(named_tests((ROOT / "README.md").read_text()))
    for page, (passed, failed) in PAGES.items():
        page.write_text(filled(page.read_text(), counts, passed, failed))
    return 1 if any(count["failed"] for count in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
