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

_TOKEN = re.compile(
    r"(?P<anywhere>\*\*/?)|(?P<star>\*)|(?P<any>\?)|\[(?P<set>(?:\\.|[^\]\\])+)\]|\\(?P<escaped>.)|(?P<plain>.)",
    re.DOTALL,
)
_WILD = re.compile(r"[*?\[\\]")
#: Characters with a different meaning in Python's character classes than in Go's.
_SET_SPECIAL = re.compile(r"(?<!\\)([\[&|~])")


class IgnoreError(ValueError):
    """A pattern has a syntax error."""


@dataclass(frozen=True)
class _Pattern:
    """One line; `expression` matches a path, or a folder above it."""

    text: str
    expression: re.Pattern[str]
    is_exception: bool


@dataclass(frozen=True)
class Ignore:
    """The patterns of a .dockerignore. Paths are relative and use slashes: `src/a.c`."""

    patterns: tuple[_Pattern, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is excluded."""
        excluded = False
        for pattern in self.patterns:
            if pattern.is_exception == excluded and pattern.expression.fullmatch(path):
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
    return _Pattern(text, re.compile(f"{_expression(text)}(?:/.*)?", re.DOTALL), is_exception)


def _expression(text: str) -> str:
    if text.startswith("**") and not text.startswith("**/") and not _WILD.search(text[2:]):
        return ".*" + re.escape(text[2:])  # `**foo` matches at any position in a name
    return "".join(_expressions(text))


def _expressions(text: str) -> list[str]:
    expressions = []
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "anywhere":
                expressions.append(".*" if token.end() == len(text) else "(?:.*/)?")
            case "star":
                expressions.append("[^/]*")
            case "any":
                expressions.append("[^/]")
            case "set":
                expressions.append("[" + _SET_SPECIAL.sub(r"\\\1", token["set"]) + "]")
            case "escaped":
                expressions.append(re.escape(token["escaped"]))
            case _ if token[0] == "[":
                raise IgnoreError(f"syntax error in pattern: {text}")
            case _:
                expressions.append(re.escape(token[0]))
    return expressions


def _may_match_below(pattern: list[str], folder: list[str]) -> bool:
    """Whether a path below the folder may match, judged by the parts without wildcards."""
    for part, name in zip(pattern, folder, strict=False):
        if "**" in part:
            return True
        if part != name and not _WILD.search(part):
            return False
    return len(pattern) > len(folder)
