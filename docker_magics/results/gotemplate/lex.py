"""Split a template into texts and actions, and an action into tokens, as Go's lex.go does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from docker_magics.errors import UsageError

#: The CLI's prefix of errors, from both parsing and executing a template.
ERROR_PREFIX = "template parsing error: "

_ACTION = re.compile(
    r"""\{\{(-\s)?(/\*.*?\*/|(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`])*?)(\s-)?\}\}""", re.DOTALL
)
_TOKEN = re.compile(
    r"""\s+ | (?P<string>"(?:\\.|[^"\\])*"|`[^`]*`) | (?P<char>'(?:\\.|[^'\\])')
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?))
    | (?P<field>\.[A-Za-z_]\w*) | (?P<variable>\$\w*) | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>:=|[.()|=,])""",
    re.VERBOSE,
)


class TemplateError(UsageError):
    """A template cannot be parsed or executed; the message is Go's."""


class TemplateSyntaxError(TemplateError):
    """A template cannot be parsed."""

    exit_code = 64


@dataclass(frozen=True)
class Token:
    """A token of an action.

    Attributes:
        kind: "string", "char", "number", "field", "variable", "word" or "mark".
        text: the source text.
        at: its position in the template.
        spaced: whether white space precedes it.
    """

    kind: str
    text: str
    at: int
    spaced: bool


def syntax_error(problem: str) -> TemplateSyntaxError:
    """Return an error of the whole template."""
    return TemplateSyntaxError(f"{ERROR_PREFIX}template: :1: {problem}")


def pieces_of(text: str) -> Iterator[str | list[Token]]:
    """Yield texts and actions in turn, trimming white space at `{{-` and `-}}`."""
    at, trim = 0, False
    for match in _ACTION.finditer(text):
        before = text[at : match.start()]
        before = before.lstrip() if trim else before
        yield before.rstrip() if match[1] else before
        trim, at = bool(match[3]), match.end()
        if not match[2].startswith("/*"):
            yield list(_tokens(text, match.start(2), match.end(2)))
    rest = text[at:]
    if "{{" in rest:
        _unclosed(rest[rest.index("{{") + 2 :])
    yield rest.lstrip() if trim else rest


def _unclosed(action: str) -> NoReturn:
    """Raise Go's error about an action without an end."""
    unquoted = re.sub(r'"(?:\\.|[^"\\])*"|`[^`]*`', "", action)
    if '"' in unquoted or "`" in unquoted:
        raise syntax_error("unterminated quoted string")
    if "}" in unquoted:
        raise syntax_error("bad character U+007D '}'")
    if re.search(r"[\w)]\.$", unquoted):
        raise syntax_error('unexpected "." in operand')
    raise syntax_error("unclosed action")


def _tokens(text: str, at: int, end: int) -> Iterator[Token]:
    """Yield the tokens between two positions of a template."""
    spaced = True
    while at < end:
        match = _TOKEN.match(text, at, end)
        if match is None:
            raise syntax_error(f'unexpected "{text[at]}" in command')
        if match.lastgroup:
            yield Token(match.lastgroup, match[0], at, spaced)
        spaced = match.lastgroup is None
        at = match.end()
