"""What a .dockerignore leaves out of a build context.

- A line is a pattern; `#` at its beginning makes it a comment.
- `*` and `?` stand for anything but a slash, `[a-z]` for one of a class, `**` for any folders.
- A pattern that matches a folder matches all below it.
- `!pattern` takes back in; of several that match, the last one decides.

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
#: What Python's sets read in another way than Go's.
_SET_SPECIAL = re.compile(r"(?<!\\)([\[&|~])")


class IgnoreError(ValueError):
    """A pattern that cannot be read."""


@dataclass(frozen=True)
class _Pattern:
    """One line: `expression` matches a path, or a folder above it."""

    text: str
    expression: re.Pattern[str]
    takes_in: bool


@dataclass(frozen=True)
class Ignore:
    """The patterns of a .dockerignore. Paths are relative, with slashes: `src/a.c`."""

    patterns: tuple[_Pattern, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is left out."""
        excluded = False
        for pattern in self.patterns:
            if pattern.takes_in == excluded and pattern.expression.fullmatch(path):
                excluded = not pattern.takes_in
        return excluded

    def may_keep_below(self, folder: str) -> bool:
        """Whether something below a folder that is left out may be taken back in."""
        above = folder.split("/")
        return any(
            _may_match_below(pattern.text.split("/"), above)
            for pattern in self.patterns
            if pattern.takes_in
        )


def parse(text: str) -> Ignore:
    """Read a .dockerignore.

    Raises:
        IgnoreError: a line is no pattern.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    kept = (line.strip() for line in lines if not line.startswith("#"))
    try:
        return Ignore(tuple(_pattern(line) for line in kept if line))
    except re.error as error:
        raise IgnoreError(f"syntax error in pattern: {error}") from error


def _pattern(line: str) -> _Pattern:
    takes_in = line.startswith("!")
    text = line.removeprefix("!").strip()
    if not text:
        raise IgnoreError('illegal exclusion pattern: "!"')
    text = posixpath.normpath(text).lstrip("/")
    return _Pattern(text, re.compile(f"{_expression(text)}(?:/.*)?", re.DOTALL), takes_in)


def _expression(text: str) -> str:
    if text.startswith("**") and not text.startswith("**/") and not _WILD.search(text[2:]):
        return ".*" + re.escape(text[2:])  # `**foo` alone is not bound to whole names
    return "".join(_expressions(text))


def _expressions(text: str) -> list[str]:
    found = []
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "anywhere":
                found.append(".*" if token.end() == len(text) else "(?:.*/)?")
            case "star":
                found.append("[^/]*")
            case "any":
                found.append("[^/]")
            case "set":
                found.append("[" + _SET_SPECIAL.sub(r"\\\1", token["set"]) + "]")
            case "escaped":
                found.append(re.escape(token["escaped"]))
            case _ if token[0] == "[":
                raise IgnoreError(f"syntax error in pattern: {text}")
            case _:
                found.append(re.escape(token[0]))
    return found


def _may_match_below(pattern: list[str], folder: list[str]) -> bool:
    """Whether a path below the folder can match, as far as names without wildcards tell."""
    for wanted, name in zip(pattern, folder, strict=False):
        if "**" in wanted:
            return True
        if wanted != name and not _WILD.search(wanted):
            return False
    return len(pattern) > len(folder)
