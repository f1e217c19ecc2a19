"""Variable expansion and quote removal in Dockerfiles: `$x`, `${x:-y}`, `'...'`, `"..."`.

source: moby/buildkit, frontend/dockerfile/shell/lex.go; Dockerfile reference, "Environment
replacement".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import stars

_SPECIAL = "@*#?-$!0"
#: How much longer variables may make a word, in characters: the kernel takes no longer value. (A
#: Dockerfile that doubles a variable in each line would fill the memory.)
_MAX_GROWTH = 128 * 1024
#: The steps that the replacement of a pattern in a value may take: about a second.
_MAX_STEPS = 300_000_000


class ExpansionError(ValueError):
    """The word has a syntax error; the message is BuildKit's."""


def expand(word: str, variables: Mapping[str, str], escape: str = "\\") -> str:
    """Expand the variables of a word and remove its quotes.

    Raises:
        ExpansionError: a quote or brace is not closed, a modifier is unknown, or x is unset in
            `${x?message}`.
    """
    return _lexed(_Lexer(word, variables, escape)).text


def split(word: str, variables: Mapping[str, str], escape: str = "\\") -> list[str]:
    """Expand the variables of a text and split it into words.

    Raises:
        ExpansionError: as `expand`.
    """
    return _lexed(_Lexer(word, variables, escape)).fields


def raw_words(text: str, *, quotes: bool = True, escapes: bool = True) -> list[str]:
    """Split a text into words without expanding variables.

    Args:
        text: the text.
        quotes: whether to keep quotes.
        escapes: whether to keep escape characters.

    Raises:
        ExpansionError: a quote or brace is not closed.
    """
    return _lexed(_Lexer(text, None, "\\", keep_quotes=quotes, keep_escapes=escapes)).fields


def _lexed(lexer: _Lexer) -> _Result:
    try:
        return lexer.until(None, keep_escapes=lexer.keep_escapes)
    except ExpansionError as error:
        # approximates Go's %q
        quoted = lexer.source.replace("\\", "\\\\").replace('"', '\\"')
        raise ExpansionError(f'failed to process "{quoted}": {error}') from None


@dataclass
class _Result:
    """The expansion so far, as one text and split into fields (words)."""

    fields: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _word: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, text: str, *, splits: bool = False) -> None:
        self._parts.append(text)
        for char in text if splits else [text]:
            if splits and char.isspace():
                self.end_word()
            else:
                self._word.append(char)

    def end_word(self) -> None:
        if word := "".join(self._word):
            self.fields.append(word)
        self._word.clear()


class _Lexer:
    """Reads from left to right; if `variables` is None, `$x` is kept."""

    def __init__(
        self,
        source: str,
        variables: Mapping[str, str] | None,
        escape: str,
        *,
        keep_quotes: bool = False,
        keep_escapes: bool = False,
    ) -> None:
        self.source = source
        self.keep_escapes = keep_escapes
        self._variables = variables
        self._escape = escape
        self._keep_quotes = keep_quotes
        self._at = 0
        self._growth = 0

    def until(self, stop: str | None, *, keep_escapes: bool) -> _Result:
        """Read up to the character `stop`, or to the end if it is None."""
        outer, self.keep_escapes = self.keep_escapes, keep_escapes
        try:
            return self._until(stop)
        finally:
            self.keep_escapes = outer

    def _until(self, stop: str | None) -> _Result:
        result = _Result()
        while char := self._peek():
            if char == stop:
                self._next()
                result.end_word()
                return result
            match char:
                case "'":
                    result.add(self._single_quoted())
                case '"':
                    result.add(self._double_quoted())
                case "$":
                    result.add(self._dollar(), splits=True)
                case "<":
                    result.add(self._heredoc_sign())
                case self._escape:
                    result.add(self._escaped())
                case _:
                    result.add(self._next(), splits=True)
        if stop is not None:
            raise ExpansionError(f"unexpected end of statement while looking for matching {stop}")
        result.end_word()
        return result

    def _peek(self) -> str:
        return self.source[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _escaped(self) -> str:
        sign = self._next()
        return (sign if self.keep_escapes else "") + self._next()

    def _heredoc_sign(self) -> str:
        match = re.compile(r"<(?:<[\t\r ]*)?").match(self.source, self._at)
        assert match is not None
        self._at = match.end()
        return match[0]

    def _quote(self) -> str:
        sign = self._next()
        return sign if self._keep_quotes else ""

    def _single_quoted(self) -> str:
        opening = self._quote()
        end = self.source.find("'", self._at)
        if end < 0:
            raise ExpansionError(
                "unexpected end of statement while looking for matching single-quote"
            )
        inner, self._at = self.source[self._at : end], end
        return opening + inner + self._quote()

    def _double_quoted(self) -> str:
        parts = [self._quote()]
        while (char := self._peek()) != '"':
            if not char:
                raise ExpansionError(
                    "unexpected end of statement while looking for matching double-quote"
                )
            if char == "$":
                parts.append(self._dollar())
            elif char == self._escape:
                parts.append(self._escaped_in_quotes())
            else:
                parts.append(self._next())
        return "".join([*parts, self._quote()])

    def _escaped_in_quotes(self) -> str:
        sign = self._next()
        kept = sign if self.keep_escapes else ""
        following = self._peek()
        if following and following in f'"${self._escape}':
            return kept + self._next()
        return kept + (sign if following else "")

    def _value(self, name: str) -> str | None:
        return None if self._variables is None else self._variables.get(name)

    def _dollar(self) -> str:
        """Read a variable; return its value.

        Raises:
            ExpansionError: the variables of the text are too long.
        """
        text = self._variable()
        self._growth += len(text)
        if self._growth > len(self.source) + _MAX_GROWTH:
            raise ExpansionError("the value is too long")
        return text

    def _variable(self) -> str:
        self._next()
        if self._peek() == "{":
            self._next()
            return self._braced()
        name = self._name()
        if not name:
            return "$"
        value = self._value(name)
        return f"${name}" if self._variables is None else value or ""

    def _name(self) -> str:
        match = re.compile(rf"\d+|[{re.escape(_SPECIAL)}]|\w+").match(self.source, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0]

    def _braced(self) -> str:
        match self._peek():
            case "":
                raise ExpansionError("syntax error: missing '}'")
            case "{" | "}" | ":":
                raise ExpansionError("syntax error: bad substitution")
        name = self._name()
        start = self._at
        operator = self._next()
        if operator == "}":
            text = self._value(name) or ""
        elif operator == "/":
            text = self._replaced(name)
        else:
            empty_is_unset = operator == ":"
            if empty_is_unset:
                operator = self._next()
            text = self._modified(name, operator, empty_is_unset=empty_is_unset)
        if self._variables is None:
            return f"${{{name}{self.source[start : self._at]}"
        return text

    def _modified(self, name: str, operator: str, *, empty_is_unset: bool) -> str:
        shown = (":" if empty_is_unset else "") + operator
        if operator not in {"+", "-", "?", "#", "%"} or (empty_is_unset and operator in "#%"):
            raise ExpansionError(f"unsupported modifier ({shown}) in substitution")
        word = self._inner("}", keep_escapes=operator in "#%")
        value = self._value(name)
        missing = value is None or (empty_is_unset and value == "")
        match operator:
            case "-":
                return word if missing else value or ""
            case "+":
                return "" if missing else word
            case "?" if missing and self._variables is not None:
                reason = "empty" if value is not None else "unset"
                raise ExpansionError(f"{name}: {word or f'is not allowed to be {reason}'}")
            case "#" | "%":
                return _trimmed(value or "", operator, word)
        return value or ""

    def _inner(self, stop: str, *, keep_escapes: bool) -> str:
        try:
            return self.until(stop, keep_escapes=keep_escapes).text
        except ExpansionError:
            if self._peek():
                raise
            at_slash = " in ${}" if stop == "/" else ""
            raise ExpansionError(f"syntax error: missing '{stop}'{at_slash}") from None

    def _replaced(self, name: str) -> str:
        everywhere = self._peek() == "/"
        if everywhere:
            self._next()
        pattern = self._inner("/", keep_escapes=True)
        replacement = self._inner("}", keep_escapes=True)
        value = self._value(name) or ""
        expression = _compiled(pattern, value, greedy=True)
        replaced, count = expression.subn("", value, 0 if everywhere else 1)
        if len(replaced) + count * len(replacement) > _MAX_GROWTH + len(self.source):
            raise ExpansionError("the value is too long")
        return expression.sub(lambda _: replacement, value, 0 if everywhere else 1)


def _trimmed(value: str, operator: str, word: str) -> str:
    """Expand `${x#word}` (remove the shortest prefix) and `${x%word}` (suffix).

    A doubled operator removes the longest one.
    """
    greedy = word.startswith(operator)
    pattern = word[1:] if greedy else word
    expression = _compiled(pattern, value, greedy=greedy)
    if operator == "#":
        prefix = expression.match(value)
        return value[prefix.end() :] if prefix else value
    starts = range(len(value) + 1) if greedy else range(len(value), -1, -1)
    for start in starts:
        if expression.fullmatch(value, start):
            return value[:start]
    return value


def _compiled(pattern: str, value: str, *, greedy: bool) -> re.Pattern[str]:
    """Compile a pattern that is to be found in a value.

    Raises:
        ExpansionError: it is invalid, or both are so long that it would take minutes.
    """
    starts = len(value) if "*" in pattern else 1
    if starts * len(value) * len(pattern) > _MAX_STEPS:
        raise ExpansionError("the value is too long for a pattern")
    return re.compile(_as_regex(pattern, greedy=greedy))


def _as_regex(pattern: str, *, greedy: bool) -> str:
    """Convert a shell pattern of `*`, `?` and escapes to a regular expression."""
    pieces: list[str] = []
    parts: list[str] = []
    chars = iter(pattern)
    for char in chars:
        match char:
            case "*":
                pieces.append("".join(parts))
                parts.clear()
            case "?":
                parts.append(".")
            case "\\":
                escaped = next(chars, "")
                if escaped not in {"*", "?", "\\", "}", "/"}:
                    raise ExpansionError(
                        f"invalid pattern ({pattern}) in substitution: invalid escape '\\{escaped}'"
                    )
                parts.append(re.escape(escaped))
            case _:
                parts.append(re.escape(char))
    return stars.join([*pieces, "".join(parts)], ".*", shortest=not greedy)
