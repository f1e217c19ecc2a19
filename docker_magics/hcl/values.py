"""Values of HCL: conversions, operators and elements.

A value is a text, number, boolean, None, list or dict.

source: hashicorp/hcl, hclsyntax/spec.md; zclconf/go-cty, docs/convert.md.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

from docker_magics.errors import UsageError

_CALCULATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

#: The bits of a number's mantissa in go-cty; larger whole numbers are rejected.
_MAX_BITS = 512
_ESCAPE = r"\\(?:u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)|\$\$\{|%%\{"
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class HclError(UsageError):
    """HCL is wrong, or uses what is not supported."""

    def __init__(self, problem: str, file: str | None = None, line: int | None = None) -> None:
        place = f"{file}, line {line}" if line else file
        super().__init__(f"cannot evaluate {place}: {problem}" if place else problem)
        self._problem = problem
        self._is_located = line is not None

    def at(self, file: str, line: int) -> HclError:
        """Return this error at a line, unless it has one."""
        return self if self._is_located else HclError(self._problem, file, line)

    def of(self, setting: str) -> HclError:
        """Return this error of a setting, unless it has a line."""
        return self if self._is_located else HclError(f"cannot evaluate {setting}: {self._problem}")


def calculate(sign: str, left: Any, right: Any) -> Any:
    """Return the result of an operator.

    Raises:
        HclError: an operand has the wrong type.
    """
    match sign:
        case "==":
            return is_equal(left, right)
        case "!=":
            return not is_equal(left, right)
        case "&&":
            return is_true(left) and is_true(right)
        case "||":
            return is_true(left) or is_true(right)
        case "!":
            return not is_true(right)
    try:
        return normal(_CALCULATIONS[sign](to_number(left), to_number(right)))
    except ArithmeticError as error:
        raise HclError("cannot divide by zero") from error


def is_equal(left: Any, right: Any) -> bool:
    """Whether two values are equal; a text is not equal to a number, nor a boolean to 1."""
    return _kind(left) is _kind(right) and bool(left == right)


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def is_true(value: Any) -> bool:
    """Return a boolean, or that of the text `true` or `false`.

    Raises:
        HclError: the value is not a boolean.
    """
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    if isinstance(value, bool):
        return value
    raise HclError("expected true or false")


def to_number(value: Any) -> Any:
    """Return a number, or that of a text.

    Raises:
        HclError: the value is not a number.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise HclError("expected a number")
    try:
        return normal(int(value) if value.isdecimal() else float(value))
    except ValueError as error:
        raise HclError("expected a number") from error


def normal(number: Any) -> Any:
    """Return a whole number as an int; other values are unchanged.

    Raises:
        HclError: the number is not finite, or too large.
    """
    if isinstance(number, float) and not math.isfinite(number):
        raise HclError("the number is too large")
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, int) and number.bit_length() > _MAX_BITS:
        raise HclError("the number is too large")
    return number


def to_text(value: Any) -> str:
    """Return the text of a text, number or boolean.

    Raises:
        HclError: the value is another one.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{normal(value):.15g}"
    if isinstance(value, (str, int)):
        return str(normal(value))
    names = {"list": "a list", "dict": "an object"}
    raise HclError(f"expected a text, got {names.get(type(value).__name__, 'null')}")


def items(value: Any) -> Iterable[tuple[Any, Any]]:
    """Return the keys and values of an object or list."""
    if isinstance(value, dict):
        return sorted(value.items())
    return enumerate(elements(value))


def elements(value: Any) -> list[Any]:
    """Return the elements of a list.

    Raises:
        HclError: the value is not a list.
    """
    if isinstance(value, list):
        return value
    raise HclError("expected a list")


def item(value: Any, key: Any) -> Any:
    """Return an element of a list or object.

    Raises:
        HclError: it does not exist.
    """
    try:
        return value[int(key)] if isinstance(value, list) else value[to_text(key)]
    except (LookupError, TypeError, ValueError) as error:
        raise HclError(f'there is no "{key}" in this value') from error


def unescaped(text: str, *, has_escapes: bool) -> str:
    """Return a literal text; that of a heredoc has no escapes but `$${` and `%%{`.

    Raises:
        HclError: an escape is invalid.
    """

    def character(match: re.Match[str]) -> str:
        escape = match[0]
        if escape[0] != "\\":
            return escape[1:]
        if not has_escapes:
            return escape
        try:
            text = chr(int(f"0x{escape[2:]}", 0)) if len(escape) > 2 else _ESCAPED[escape[1]]
            text.encode()
        except (LookupError, OverflowError, ValueError) as error:
            raise HclError(f'invalid escape "{escape}"') from error
        return text

    return re.sub(_ESCAPE, character, text)
