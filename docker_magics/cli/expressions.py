"""Python in a docker line: `{expression}` with the conversions and format specs of f-strings.

Braces stay as typed if they are `{{...}}` (a Go template), `{}`, a constant (`{3}`, `{"a": 1}`), or
not Python (`{print $1}`), or if they hold a top-level comma (`{2,3}`, a brace expansion).

source: Python Language Reference, 2.4.3 f-strings; Format Specification Mini-Language.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"!r": repr, "!s": str, "!a": ascii}
#: A format spec with a comma: the separator of thousands.
_THOUSANDS = re.compile(r"(?:.?[<>=^])?[ +-]?z?#?0?\d*,(?:\.\d+)?[bcdeEfFgGnosxX%]?")
_NESTED = re.compile(r"\{([^{}]+)\}")
#: Types of Python without `__str__`, whose repr is their text.
_PLAIN = (int, float, complex, list, tuple, set, frozenset, dict)


class FormatError(ValueError):
    """The format spec does not suit the value."""


@dataclass(frozen=True)
class Expression:
    """An expression in braces.

    Attributes:
        source: the text between the braces.
        code: the Python expression.
        conversion: `!r`, `!s`, `!a` or "".
        spec: the format spec.
    """

    source: str
    code: str
    conversion: str = ""
    spec: str = ""

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        """Return the value; with a conversion or a format spec, the formatted text.

        Raises:
            FormatError: the format spec does not suit the value.
            Exception: whatever the user's code raises.
        """
        value = _evaluate(self.code, names)
        if self.conversion:
            value = _CONVERSIONS[self.conversion](value)
        if self.spec:
            spec = _NESTED.sub(lambda match: str(_evaluate(match[1], names)), self.spec)
            try:
                return format(value, spec)
            except (ValueError, TypeError) as error:
                raise FormatError(str(error)) from error
        return value


def read(text: str) -> Expression | None:
    """Return the expression at the beginning of a text; None if its braces stay as typed."""
    if text.startswith(("{{", "{}")):
        return None
    closing, marks = _scan(text)
    source = text[1:closing]
    end = next((mark for mark in marks if _ends_code(text, mark)), closing)
    code, rest = text[1:end].strip(), text[end:closing]
    conversion = rest[:2] if rest.startswith("!") else ""
    spec = rest[len(conversion) :]
    has_comma = any(text[mark] == "," and mark < end for mark in marks)
    if has_comma or (spec and not spec.startswith(":")) or not _is_spec(spec[1:]):
        return None
    return Expression(source, code, conversion, spec[1:]) if _is_code(code) else None


def _scan(text: str) -> tuple[int, list[int]]:
    """Return the position of the closing brace (0 if it is missing), and of top-level `:!,`."""
    depth, quote = 0, ""
    marks: list[int] = []
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[place - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
            if depth == 0:
                return place, marks
        elif depth == 1 and char in ":!,":
            marks.append(place)
    return 0, marks


def _ends_code(text: str, mark: int) -> bool:
    """Whether the format spec or the conversion begins here; `!=` is an operator."""
    return text[mark] == ":" or text[mark : mark + 2] in _CONVERSIONS


def _is_spec(spec: str) -> bool:
    return "," not in spec or _THOUSANDS.fullmatch(spec) is not None


def _is_code(code: str) -> bool:
    """Whether a text is a Python expression other than a constant."""
    try:
        tree = ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    inner = tree.body
    while isinstance(inner, ast.UnaryOp):
        inner = inner.operand
    return not isinstance(inner, ast.Constant)


def _evaluate(code: str, names: Mapping[str, Any]) -> Any:
    return eval(code, dict(names))  # noqa: S307 - the user's own code, as in a cell


def texts(value: Any, *, quoted: bool = False) -> list[str]:
    """Return the words of a value that is a whole word: one, or one for each element of a list.

    Raises:
        TypeError: the value is a table, an unquoted dict, or has no text.
    """
    if isinstance(value, (str, bytes, os.PathLike)) or not isinstance(value, Iterable):
        return [text(value)]
    if isinstance(value, Mapping) and quoted:
        return [text(value)]
    if isinstance(value, Mapping) or getattr(value, "ndim", 1) != 1:
        raise TypeError("cannot expand a table or dict; select a column")
    return [text(element) for element in value]


def text(value: Any) -> str:
    """Return the text of a value, as an f-string has it.

    Raises:
        TypeError: the value has no text but the one that shows it to programmers.
    """
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    has_text = vars(object)["__str__"] is not type(value).__str__
    if not has_text and not isinstance(value, _PLAIN):
        raise TypeError(f"cannot use a {type(value).__name__} as an argument")
    return str(value)
