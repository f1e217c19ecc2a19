"""The docker CLI says the same of the embedded engine as of Docker Engine.

`cases.sh` is one script, run in its order against both engines. What an engine makes up (IDs, times,
addresses) is made alike before both outputs are compared whole; what a newer dockerd says other than
the one at hand stands in `NEWER`, what no engine could say alike in `DIFFERENT`.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools import debian, engines

_SCRIPT = Path(__file__).with_name("cases.sh")
_CASE_S = 120


@dataclass(frozen=True)
class Output:
    """What one case came to."""

    stdout: str
    stderr: str
    code: int


def cases() -> dict[str, str]:
    """The script of each case, by its name."""
    found = re.split(r"^### (.*)\n", _SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def run(script: str, folder: Path, address: str, registry: str) -> Output:
    """Run a case as a terminal would, with a home of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "LC_ALL": "C",
        "DOCKER_HOST": address,
        "DOCKER_BUILDKIT": "0",
        "REGISTRY": registry,
    }
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_CASE_S,
        check=False,
    )
    known = {registry: "REGISTRY", str(folder): "FOLDER", address: "ADDRESS"}
    return Output(alike(done.stdout, known), alike(done.stderr, known), done.returncode)


# --- what engines make up

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3,})?"
_UNIT = "(second|minute|hour|day|week|month|year)s?"
_AGO = rf"(Less than a second|About an? {_UNIT}|\d+ {_UNIT})"
#: Replaced by one word each.
_MADE_UP = [
    # What the CLI's own side of a copy says, or not, when the engine has refused it already.
    (re.compile(r'^time=\S+ level=error msg="Can\'t .*\n', re.MULTILINE), ""),
    (re.compile(_TIME), "TIME"),
    (re.compile(_AGO), "DURATION"),
    (re.compile(r"(?<=[:\"])(?:3[2-9]|[45]\d|6[0-5])\d{3}\b"), "PORT"),
    (re.compile(r" {2,}"), "  "),  # columns are as wide as durations are
    (re.compile(r"\b(file|dir|multi):[0-9a-f]+"), r"\1:DIGEST"),  # of a COPY in a history
    (re.compile(r"(digest: \S+ size:) \d+"), r"\1 SIZE"),  # compressed sizes are in a manifest
    # Whether the end of a coloured output comes in one piece or in two.
    (re.compile(r"\x1b\[0m\x1b\[91m"), ""),
]
#: Replaced by a word and a number: the same value has the same number throughout an output.
_NUMBERED = [
    ("ID", re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{14}(?=…))(?![0-9a-f])"), 12),
    ("MAC", re.compile(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b"), None),
    ("IP", re.compile(r"\b(?:10\.21[34]|172\.(?:1[7-9]|2\d|3[01])|192\.168)\.\d+\.\d+(?:/\d+)?"), None),
]  # fmt: skip


def alike(output: bytes, known: dict[str, str]) -> str:
    """An output without what is each engine's own."""
    text = output.decode(errors="backslashreplace")
    for value, word in known.items():
        text = text.replace(value, word)
    for pattern, word in _MADE_UP:
        text = pattern.sub(word, text)
    for word, pattern, length in _NUMBERED:
        text = pattern.sub(_numbering(word, length), text)
    return text


def _numbering(word: str, length: int | None) -> Callable[[re.Match[str]], str]:
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"{word}{numbers.setdefault(match[0][:length], len(numbers) + 1)}"

    return numbered
