"""Who is where: a class as an HTML page, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from docker_magics.course.check_result import escaped
from docker_magics.course.exercises import sections
from docker_magics.errors import clean
from docker_magics.phrase import Phrase, language

from .roster import Learner, exercises

_TITLE = Phrase("Who is where", "학급 진도")
_SUMMARY = Phrase("Learners: {count}, as of {time} UTC", "학습자 {count}명, {time} UTC 기준")
_LEARNER = Phrase("Learner", "학습자")
_ALL = Phrase("All", "전체")
_NEXT = Phrase("Next exercise", "다음 문제")
_FINISHED = Phrase("all done", "모두 완료")
_CHANGED = Phrase("Last change (UTC)", "마지막 변경(UTC)")
_UNREADABLE = Phrase("cannot be read: {reason}", "읽을 수 없음: {reason}")
_STEPS = Phrase("How many have done each exercise", "문제별 완료한 사람 수")
_EXERCISE = Phrase("Exercise", "문제")
_DONE = Phrase("Done by", "완료")
#: First characters that make a spreadsheet evaluate a cell (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; margin-bottom: 2rem; word-break: keep-all; }
caption, th, td { padding: .3rem .7rem; text-align: left; }
caption { font-weight: bold; }
tr { border-bottom: 1px solid #8885; }
td { font-variant-numeric: tabular-nums; }
tbody th { font-weight: normal; overflow-wrap: anywhere; min-width: 6rem; max-width: 20rem; }
meter { width: 4rem; vertical-align: middle; }
"""


def as_html(learners: Sequence[Learner]) -> str:
    """Return a page that needs no other file and runs no script."""
    time = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    summary = str(_SUMMARY).format(count=len(learners), time=time)
    body = f"<h1>{_TITLE}</h1><p>{summary}</p>{_learners(learners)}{_steps(learners)}"
    return document(str(_TITLE), _STYLE, body)


def document(title: str, style: str, body: str) -> str:
    """Return an HTML document in the session's language; it loads nothing and runs no script."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def as_csv(learners: Sequence[Learner]) -> str:
    """Return a row for each learner; the byte order mark lets spreadsheets read Korean names.

    All values are quoted: a semicolon in a name begins no cell where it is the separator.

    Columns: learner, the exercises done in each section, all, next, changed, problem.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["learner", *sections(), "all", "next", "changed", "problem"])
    for learner in learners:
        writer.writerow([_inert(value) for value in _values(learner)])
    return f"\ufeff{target.getvalue()}"


def _values(learner: Learner) -> list[str]:
    if learner.problem:
        return [learner.name, *[""] * (len(sections()) + 3), learner.problem]
    counts = [str(learner.done_in(section)) for section in sections()]
    following = learner.next.id if learner.next else ""
    return [learner.name, *counts, str(len(learner.done)), following, _time(learner), ""]


def _inert(value: str) -> str:
    """Return a value that no spreadsheet evaluates."""
    visible = clean(value)
    return f"'{visible}" if visible.startswith(_FORMULA) else visible


def _time(learner: Learner) -> str:
    return learner.changed.strftime("%Y-%m-%d %H:%M") if learner.changed else ""


def _learners(learners: Sequence[Learner]) -> str:
    numbers = "".join(
        f'<th scope="col" title="{escaped(section.title[language()])}">{number}</th>'
        for number, section in sections().items()
    )
    head = (
        f'<th scope="col">{_LEARNER}</th>{numbers}<th scope="col">{_ALL}</th>'
        f'<th scope="col">{_NEXT}</th><th scope="col">{_CHANGED}</th>'
    )
    rows = "".join(map(_row, learners))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(learner: Learner) -> str:
    name = f'<tr><th scope="row">{escaped(learner.name)}</th>'
    if learner.problem:
        reason = escaped(str(_UNREADABLE).format(reason=learner.problem))
        return f'{name}<td colspan="{len(sections()) + 3}">{reason}</td></tr>'
    cells = "".join(
        _share(learner.done_in(number), len(section.exercises))
        for number, section in sections().items()
    )
    following = learner.next
    step = f"{following.id} {following.title[language()]}" if following else str(_FINISHED)
    return (
        f"{name}{cells}{_share(len(learner.done), len(exercises()))}"
        f"<td>{escaped(step)}</td><td>{_time(learner)}</td></tr>"
    )


def _steps(learners: Sequence[Learner]) -> str:
    """Return the table of the exercises: where few are done, the class is stuck."""
    readable = [learner for learner in learners if not learner.problem]
    rows = "".join(
        f'<tr><th scope="row">{exercise.id} {escaped(exercise.title[language()])}</th>'
        f"{_share(sum(exercise.id in learner.done for learner in readable), len(readable))}</tr>"
        for exercise in exercises()
    )
    head = f'<th scope="col">{_EXERCISE}</th><th scope="col">{_DONE}</th>'
    return (
        f"<table><caption>{_STEPS}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _share(count: int, total: int) -> str:
    return (
        f'<td><meter aria-hidden="true" max="{max(total, 1)}" value="{count}"></meter> '
        f"{count}/{total}</td>"
    )
