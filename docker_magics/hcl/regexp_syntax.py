"""The syntax of Go's regular expressions, which has no back-references and no look-around.

source: google/re2, doc/syntax.txt; Go, regexp/syntax/parse.go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from .values import HclError

#: Whether a character matches.
Test: TypeAlias = Callable[[str], bool]


class Character(NamedTuple):
    """One character.

    Attributes:
        cost: how many steps the test has, at most.
    """

    test: Test
    cost: int = 1


class Assertion(NamedTuple):
    """A place between characters.

    Attributes:
        kind: `A` and `z` are the ends of the text, `^` and `$` of a line; `b` is an end of a word,
            `B` is not.
    """

    kind: str


class Group(NamedTuple):
    """A capturing group; the first one has number 1."""

    number: int
    node: Node


class Sequence(NamedTuple):
    """Nodes that follow each other."""

    nodes: list[Node]


class Choice(NamedTuple):
    """Alternatives, the preferred one first."""

    nodes: list[Node]


class Repeat(NamedTuple):
    """A repeated node; `most` is None if the repetitions are not limited."""

    node: Node
    least: int
    most: int | None
    is_greedy: bool


Node: TypeAlias = Character | Assertion | Group | Sequence | Choice | Repeat

#: The most repetitions of `{n,m}`, as Go has it.
_MAX_REPEAT = 1000
_REPEAT = r"(?:[*+?]|\{(\d{1,9})(,(\d{1,9})?)?\})"
_COUNTS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CODE = r"\\(?:x([\da-fA-F]{2})|x\{([\da-fA-F]{1,8})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))"
_ESCAPED = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PERL = {"d": "0-9", "s": "\t\n\f\r ", "w": "0-9A-Za-z_"}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\0-\x7f",
    "blank": "\t ",
    "cntrl": "\0-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@[-`{-~",
    "space": "\t-\r ",
    "upper": "A-Z",
    "word": _PERL["w"],
    "xdigit": "0-9A-Fa-f",
}


def parse(pattern: str) -> tuple[Node, list[str | None]]:
    """Return a pattern's syntax tree and the names of its groups, from the first one on.

    Raises:
        HclError: the pattern is invalid.
    """
    parser = _Parser(pattern)
    node = parser.choice("")
    parser.expect(r"\Z", "unexpected )")
    return node, parser.names


class _Parser:
    """A recursive descent parser. A method that is named for a construct parses it.

    The flags are a text: `i` ignores case, `m` is for lines, `s` for `.`, `U` swaps greediness.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._position = 0
        self.names: list[str | None] = []

    def choice(self, flags: str) -> Node:
        """Parse alternatives up to `)`; flags such as `(?i)` hold up to there too."""
        nodes: list[Node] = []
        while True:
            sequence: list[Node] = []
            while not self._sees(r"[|)]|\Z"):
                if match := self._take(r"\(\?([imsU]*)(?:-([imsU]+))?\)"):
                    flags = _changed(flags, match)
                else:
                    sequence.append(self.repeat(flags))
            nodes.append(Sequence(sequence))
            if not self._take(r"\|"):
                return nodes[0] if len(nodes) == 1 else Choice(nodes)

    def repeat(self, flags: str) -> Node:
        node = self.term(flags)
        match = self._take(_REPEAT)
        if match is None:
            return node
        least, most = _COUNTS.get(match[0]) or _counts(match)
        if max(least, most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise _error(f"invalid repeat count {match[0]}")
        is_lazy = bool(self._take(r"\?"))
        if self._sees(_REPEAT):
            raise _error("invalid nested repetition operator")
        return Repeat(node, least, most, is_lazy == ("U" in flags))

    def term(self, flags: str) -> Node:
        if self._take(r"\("):
            return self.group(flags)
        if self._sees(_REPEAT):
            raise _error("missing argument to repetition operator")
        if match := self._take(r"[.^$]|\\[AzbB]"):
            return _symbol(match[0].removeprefix("\\"), flags)
        if match := self._take(r"\\Q((?s:.*?))(?:\\E|\Z)"):
            return Sequence([Character(_range(it, it, flags)) for it in match[1]])
        if self._sees(r"\["):
            return self.members(flags)
        return Character(self.named() or self.literal(flags))

    def group(self, flags: str) -> Node:
        """Parse what follows `(`."""
        if match := self._take(r"\?([imsU]*)(?:-([imsU]+))?:"):
            return self.closed(_changed(flags, match))
        name = self._take(r"\?P?<(\w+)>")
        if name is None and self._sees(r"\?"):
            raise _error("invalid or unsupported Perl syntax")
        if name and name[1] in self.names:
            raise _error(f"duplicate name {name[1]} of a group")
        self.names.append(name and name[1])
        return Group(len(self.names), self.closed(flags))

    def closed(self, flags: str) -> Node:
        node = self.choice(flags)
        self.expect(r"\)", "missing closing )")
        return node

    def members(self, flags: str) -> Character:
        """Parse `[...]`; its first member may be `]`."""
        is_negated = self.expect(r"\[(\^?)", "missing [")[1] == "^"
        tests: list[Test] = []
        while not tests or not self._take(r"\]"):
            if self._sees(r"\Z"):
                raise _error("missing closing ]")
            tests.append(self.named() or self.range(flags))
        return Character(
            lambda character: any(test(character) for test in tests) != is_negated, len(tests)
        )

    def range(self, flags: str) -> Test:
        first = self.character()
        last = self.character() if self._take(r"-(?!\])") else first
        if last < first:
            raise _error(f"invalid character class range {first}-{last}")
        return _range(first, last, flags)

    def named(self) -> Test | None:
        r"""Parse `[:alpha:]` in a class, `\d`, `\pL` or `\p{Lu}`."""
        if match := self._take(r"\[:(\^?)(\w+):\]"):
            if match[2] not in _POSIX:
                raise _error(f"invalid character class range {match[0]}")
            return _class(_POSIX[match[2]], is_negated=bool(match[1]))
        if match := self._take(r"\\([dswDSW])"):
            return _class(_PERL[match[1].lower()], is_negated=match[1].isupper())
        if match := self._take(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))"):
            return _category(match)
        return None

    def literal(self, flags: str) -> Test:
        character = self.character()
        return _range(character, character, flags)

    def character(self) -> str:
        if match := self._take(_CODE):
            code = int(match[3], 8) if match[3] else int(match[1] or match[2], 16)
            if code > 0x10FFFF:
                raise _error(f"invalid escape sequence {match[0]}")
            return chr(code)
        if match := self._take(r"\\([aftnrv])"):
            return _ESCAPED[match[1]]
        if match := self._take(r"\\([!-/:-@\[-`{-~])"):
            return match[1]
        return self.expect(r"[^\\]", "invalid escape sequence")[0]

    def expect(self, token: str, problem: str) -> re.Match[str]:
        match = self._take(token)
        if match is None:
            raise _error(problem)
        return match

    def _sees(self, token: str) -> re.Match[str] | None:
        return re.compile(token, re.DOTALL | re.ASCII).match(self._pattern, self._position)

    def _take(self, token: str) -> re.Match[str] | None:
        match = self._sees(token)
        if match:
            self._position = match.end()
        return match


def _error(problem: str) -> HclError:
    return HclError(f"invalid regular expression: {problem}")


def _changed(flags: str, match: re.Match[str]) -> str:
    """Return flags after `(?i-s)`: those that are set and those that are cleared."""
    return "".join(set(flags + match[1]) - set(match[2] or ""))


def _counts(match: re.Match[str]) -> tuple[int, int | None]:
    """Return the least and the most of `{2}`, `{2,}` or `{2,3}`."""
    least = int(match[1])
    if match[2] is None:
        return least, least
    return least, int(match[3]) if match[3] else None


def _symbol(symbol: str, flags: str) -> Node:
    """Return what `.`, `^`, `$`, or the letter of an assertion is."""
    if symbol == ".":
        is_any = "s" in flags
        return Character(lambda character: is_any or character != "\n")
    if "m" in flags:
        return Assertion(symbol)
    return Assertion({"^": "A", "$": "z"}.get(symbol, symbol))


def _range(first: str, last: str, flags: str) -> Test:
    if "i" not in flags:
        return lambda character: first <= character <= last
    return lambda character: any(
        first <= it <= last for it in (character, character.lower(), character.upper())
    )


def _class(members: str, *, is_negated: bool) -> Test:
    """Return the test of the characters and ranges of a class."""
    ranges = [(it[0], it[-1]) for it in re.findall(".-.|.", members, re.DOTALL)]
    return lambda character: any(first <= character <= last for first, last in ranges) != is_negated


def _category(match: re.Match[str]) -> Test:
    r"""Return the test of `\pL`, a category of Unicode; scripts are not supported."""
    name = match[3] or match[4]
    if not re.fullmatch("[CLMNPSZ][a-z]?", name):
        raise _error(f"unsupported character class {match[0]}")
    is_negated = (match[1] == "P") != bool(match[2])
    return lambda character: unicodedata.category(character).startswith(name) != is_negated
