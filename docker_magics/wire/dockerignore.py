""".dockerignore files: which files are excluded from a build context.

- Each line is a pattern; a line that begins with `#` is a comment.
- `*` and `?` match anything but a slash, `[a-z]` a character class, `**` any number of folders.
- A pattern that matches a folder matches everything below it.
- `!pattern` includes files again; of several matching patterns, the last one decides.

source: moby/patternmatcher, ignorefile.go and patternmatcher.go: MatchesOrParentMatches.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Protocol

_TOKEN = re.compile(
    r"(?P<anywhere>\*\*/?)|(?P<star>\*)|(?P<any>\?)|\[(?P<set>(?:\\.|[^\]\\])+)\]|\\(?P<escaped>.)|(?P<plain>[^*?\[\\]+|.)",
    re.DOTALL,
)
_WILD = re.compile(r"[*?\[\\]")
#: Characters with a different meaning in Python's character classes than in Go's.
_SET_SPECIAL = re.compile(r"(?<!\\)([\[&|~])")


class IgnoreError(ValueError):
    """A pattern has a syntax error."""


class _Step(Protocol):
    """A part of a pattern."""

    def __call__(self, path: str, places: set[int]) -> set[int]:
        """Return where in a path this part may end, if it begins at one of some places."""


@dataclass(frozen=True)
class _Pattern:
    """One line.

    Its parts are matched one after the other, each at all places at once. So the time is bounded;
    that of a regular expression is exponential in the wildcards.

    Attributes:
        text: the line, normalized.
        steps: its parts.
        literal: what each path that matches contains.
        is_exception: whether it begins with an exclamation mark.
    """

    text: str
    steps: tuple[_Step, ...]
    literal: str
    is_exception: bool

    def matches(self, path: str) -> bool:
        """Whether a path, or a folder above it, matches."""
        if self.literal not in path:
            return False
        places = {0}
        for step in self.steps:
            places = step(path, places)
            if not places:
                return False
        return any(path[place : place + 1] in {"", "/"} for place in places)


@dataclass(frozen=True)
class Ignore:
    """The patterns of a .dockerignore. Paths are relative and use slashes: `src/a.c`."""

    patterns: tuple[_Pattern, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is excluded."""
        excluded = False
        for pattern in self.patterns:
            if pattern.is_exception == excluded and pattern.matches(path):
                excluded = not pattern.is_exception
        return excluded

    def may_keep_below(self, folder: str) -> bool:
        """Whether an exception (`!pattern`) may match a path below an excluded folder."""
        above = folder.split("/")
        return any(
            _may_match_below(pattern.text.split("/"), above)
            for pattern in self.patterns
            if pattern.is_exception
        )


def parse(text: str) -> Ignore:
    """Parse a .dockerignore.

    Raises:
        IgnoreError: a pattern has a syntax error.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    kept = (line.strip() for line in lines if not line.startswith("#"))
    try:
        return Ignore(tuple(_pattern(line) for line in kept if line))
    except re.error as error:
        raise IgnoreError(f"syntax error in pattern: {error}") from error


def _pattern(line: str) -> _Pattern:
    is_exception = line.startswith("!")
    text = line.removeprefix("!").strip()
    if not text:
        raise IgnoreError('illegal exclusion pattern: "!"')
    text = posixpath.normpath(text).lstrip("/")
    steps = _steps(text)
    literals = (step.text for step in steps if isinstance(step, _Literal))
    return _Pattern(text, tuple(steps), max(literals, key=len, default=""), is_exception)


def _steps(text: str) -> list[_Step]:
    if text.startswith("**") and not text.startswith("**/") and not _WILD.search(text[2:]):
        return [_rest, _Literal(text[2:])]  # `**foo` matches at any position in a name
    steps: list[_Step] = []
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "anywhere":
                steps.append(_rest if token.end() == len(text) else _folders)
            case "star":
                steps.append(_star)
            case "any":
                steps.append(_Character(re.compile("[^/]")))
            case "set":
                members = _SET_SPECIAL.sub(r"\\\1", token["set"])
                steps.append(_Character(re.compile(f"[{members}]", re.DOTALL)))
            case "escaped":
                steps.append(_Literal(token["escaped"]))
            case _ if token[0] == "[":
                raise IgnoreError(f"syntax error in pattern: {text}")
            case _:
                steps.append(_Literal(token[0]))
    return steps


@dataclass(frozen=True)
class _Literal:
    """Literal characters."""

    text: str

    def __call__(self, path: str, places: set[int]) -> set[int]:
        length = len(self.text)
        return {place + length for place in places if path.startswith(self.text, place)}


@dataclass(frozen=True)
class _Character:
    """One character of a set."""

    expression: re.Pattern[str]

    def __call__(self, path: str, places: set[int]) -> set[int]:
        return {place + 1 for place in places if self.expression.match(path, place)}


def _star(path: str, places: set[int]) -> set[int]:
    """Match anything but a slash."""
    reached: set[int] = set()
    for start in places:
        place = start
        while place not in reached:
            reached.add(place)
            if path[place : place + 1] not in {"", "/"}:
                place += 1
    return reached


def _folders(path: str, places: set[int]) -> set[int]:
    """Match any number of folders, each with a slash behind it."""
    first = min(places)
    return places | {place for place in range(first + 1, len(path) + 1) if path[place - 1] == "/"}


def _rest(path: str, places: set[int]) -> set[int]:
    """Match anything."""
    return set(range(min(places), len(path) + 1))


def _may_match_below(pattern: list[str], folder: list[str]) -> bool:
    """Whether a path below the folder may match, judged by the parts without wildcards."""
    for part, name in zip(pattern, folder, strict=False):
        if "**" in part:
            return True
        if part != name and not _WILD.search(part):
            return False
    return len(pattern) > len(folder)
