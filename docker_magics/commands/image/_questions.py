"""--call and --check: what the Dockerfile frontend says about a Dockerfile, without a build.

source: docker/buildx, util/buildflags/utils.go: ParseCallFunc, commands/build.go: printResult;
moby/buildkit, frontend/subrequests.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.errors import BuildFailed
from docker_magics.results.text import Text

_RULE = "--------------------"
#: Lines of the Dockerfile that are shown before and after a finding.
_AROUND = 2


@dataclass(frozen=True)
class Question:
    """A method of the frontend.

    Attributes:
        method: `lint`, `outline`, `targets`, or another one.
        is_json: whether the answer is shown as JSON.
    """

    method: str
    is_json: bool = False


CHECK = Question("lint")


def _question(text: str) -> Question | None:
    """`check`, `outline`, `targets`, or `targets,format=json`; `build` is none."""
    method, is_json = "", False
    for field in csv_values(text):
        key, equals, value = field.partition("=")
        if not equals:
            method = field
        elif key in {"type", "format"}:
            method, is_json = (value, is_json) if key == "type" else (method, value == "json")
        elif key != "ignorestatus":
            raise ValueError(f"invalid field {field}")
    if not method or method == "build":
        return None
    return Question({"check": "lint"}.get(method, method), is_json)


QUESTIONS = FlagType(_question)


def answered(question: Question, answer: Mapping[str, str], file: str) -> Text:
    """Return an answer as text.

    Args:
        question: the question.
        answer: what the frontend says: `result.json`, `result.txt`, `result.statuscode`.
        file: the Dockerfile's path, as messages name it.

    Raises:
        BuildFailed: the Dockerfile has findings of the linter.
    """
    if question.is_json:
        text = answer.get("result.json", "")
    elif question.method == "lint":
        text = "\n".join(_findings(json.loads(answer.get("result.json") or "{}"), file))
    else:
        text = answer.get("result.txt", "").rstrip("\n")
    if answer.get("result.statuscode", "0") != "0":
        raise BuildFailed(text)
    return Text(text)


def _findings(result: Mapping[str, Any], file: str) -> Iterator[str]:
    warnings = result.get("warnings") or []
    error = result.get("buildError")
    if not warnings and not error:
        yield "Check complete, no warnings found."
    elif warnings:
        count = "1 warning has" if len(warnings) == 1 else f"{len(warnings)} warnings have"
        yield f"Check complete, {count} been found!"
    sources = result.get("sources") or []
    for warning in sorted(warnings, key=_line):
        url = f" - {warning['url']}" if warning.get("url") else ""
        yield f"\nWARNING: {warning.get('ruleName', '')}{url}\n{warning.get('detail', '')}"
        yield from _excerpt(warning.get("location") or {}, sources, file)
    if error:
        yield f"\nERROR: {error.get('message', '')}"
        yield from _excerpt(error.get("location") or {}, sources, file)


def _line(finding: Mapping[str, Any]) -> int:
    ranges = (finding.get("location") or {}).get("ranges") or [{}]
    return int((ranges[0].get("start") or {}).get("line", 0))


def _excerpt(
    location: Mapping[str, Any], sources: list[Mapping[str, Any]], file: str
) -> Iterator[str]:
    """Yield the lines of the Dockerfile around a finding."""
    number = location.get("sourceIndex", 0)
    ranges = location.get("ranges") or []
    if not ranges or number >= len(sources):
        return
    lines = base64.b64decode(sources[number].get("data", "")).decode(errors="replace").split("\n")
    start, end = ranges[0]["start"]["line"], ranges[-1]["end"]["line"]
    yield f"{file}:{start}\n{_RULE}"
    for place in range(max(start - _AROUND, 1), min(end + _AROUND, len(lines)) + 1):
        mark = ">>>" if start <= place <= end else "   "
        yield f"{place:4} | {mark} {lines[place - 1]}"
    yield _RULE
