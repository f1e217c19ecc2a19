"""The functions that templates may call: Go's built-in ones and docker's.

The message of their ValueError, TypeError, LookupError or AttributeError is Go's error message.

source: https://pkg.go.dev/text/template#hdr-Functions; docker/cli, templates/templates.go.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from docker_magics.wire import go

from .values import MISSING, format_value, go_float, go_type, is_true, to_json

Function = Callable[..., Any]


class WrongArgument(Exception):
    """An argument has the wrong type.

    Attributes:
        place: the argument's index, from 0.
        wanted: the name of the expected Go type.
    """

    def __init__(self, place: int, wanted: str) -> None:
        self.place = place
        self.wanted = wanted


def check(name: str, function: Function, arguments: Sequence[Any]) -> None:
    """Check the arguments of a call, as Go does before it calls the function.

    Raises:
        ValueError: the number of arguments is wrong; the message is Go's.
        WrongArgument: an argument has the wrong type.
    """
    kinds, variadic = _parameters(function)
    if len(arguments) < len(kinds) or (len(arguments) > len(kinds) and not variadic):
        least = "at least " * variadic
        many = f"want {least}{len(kinds)} got {len(arguments)}"
        raise ValueError(f"wrong number of args for {name}: {many}")
    for place, (kind, argument) in enumerate(zip(kinds, arguments, strict=False)):
        if kind == "str" and not isinstance(argument, str):
            raise WrongArgument(place, "string")
        if kind == "int" and (not isinstance(argument, int) or isinstance(argument, bool)):
            raise WrongArgument(place, "int")


def _parameters(function: Function) -> tuple[list[str], bool]:
    """Return the types of the required arguments, and whether the function is variadic."""
    parameters = inspect.signature(function).parameters.values()
    fixed = [
        str(parameter.annotation)
        for parameter in parameters
        if parameter.kind is not parameter.VAR_POSITIONAL
    ]
    return fixed, len(fixed) < len(parameters)


def _compare(test: Callable[[Any, Any], bool]) -> Function:
    def compare(left: Any, right: Any) -> bool:
        _check_comparable(left, right)
        return test(left, right)

    return compare


def _check_comparable(left: Any, right: Any) -> None:
    if isinstance(left, str) != isinstance(right, str):
        types = f"{go_type(left)} and {go_type(right)}"
        raise TypeError(f"incompatible types for comparison: {types}")


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TypeError("missing argument for comparison")
    for other in others:
        if other is not None:
            _check_comparable(first, other)
    return any(first == other for other in others)


def _not_equal(left: Any, right: Any) -> bool:
    return not _equal(left, right)


def _not(value: Any) -> bool:
    return not is_true(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None or value is MISSING:
            raise TypeError("index of untyped nil")
        if isinstance(value, Mapping):
            # The zero value of a Go map of strings (labels, options) is "".
            texts = all(isinstance(item, str) for item in value.values())
            value = value.get(key, "" if texts else MISSING)
        elif not isinstance(key, int):
            raise TypeError(f"cannot index slice/array with type {go_type(key)}")
        elif not 0 <= key < len(value):
            raise IndexError(f"index out of range: {key}")
        else:
            value = (value.encode() if isinstance(value, str) else value)[key]
    return value


def _slice(value: Any, *bounds: int) -> Any:
    if not isinstance(value, str | list | tuple):
        raise TypeError(f"can't slice item of type {go_type(value)}")
    low, high = (*bounds, len(value))[:2] if bounds else (0, len(value))
    for bound in (low, high):
        if not 0 <= bound <= len(value):
            raise IndexError(f"index out of range: {bound}")
    if low > high:
        raise IndexError(f"invalid slice index: {low} > {high}")
    return value[low:high]


def _length(value: Any) -> int:
    """Return Go's len: the bytes of a string, 0 for a nil list or map."""
    if value is None:
        return 0
    if not hasattr(value, "__len__"):
        raise TypeError(f"len of type {go_type(value)}")
    return len(value.encode() if isinstance(value, str) else value)


#: The largest width and precision of printf, as in Go's fmt.
_MAX_WIDTH = 1_000_000
_VERB = re.compile(r"%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def _printf(form: str, *values: Any) -> str:
    left = list(values)

    def one(match: re.Match[str]) -> str:
        flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        if int(width or 0) > _MAX_WIDTH or int(precision or 0) > _MAX_WIDTH:
            return "%!(NOVERB)"
        if not left:
            return f"%!{verb}(MISSING)"
        text = _formatted(verb, precision, flags, left.pop(0))
        pad = "0" if "0" in flags and "-" not in flags else " "
        return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0), pad)

    text = _VERB.sub(one, form)
    extra = ", ".join(f"{go_type(value)}={format_value(value)}" for value in left)
    return text + (f"%!(EXTRA {extra})" if extra else "")


def _formatted(verb: str, precision: str | None, flags: str, value: Any) -> str:
    if verb in "dxXobc" and isinstance(value, int) and not isinstance(value, bool):
        sign = "+" if "+" in flags and verb == "d" else ""
        return format(value, sign + verb)
    if verb in "feEgG" and isinstance(value, int | float):
        if verb in "gG" and precision is None:
            return go_float(float(value))
        return format(float(value), f".{precision or 6}{verb}")
    if verb == "q":
        return go.quote(format_value(value))
    if verb == "t" and isinstance(value, bool):
        return format_value(value)
    if verb in "sv":
        return format_value(value)[: int(precision) if precision else None]
    if verb == "T":
        return go_type(value)
    return f"%!{verb}({go_type(value)}={format_value(value)})"


def _print(*values: Any) -> str:
    """Return Go's fmt.Sprint: spaces only between operands of which neither is a string."""
    out = ""
    for place, value in enumerate(values):
        if place and not isinstance(value, str) and not isinstance(values[place - 1], str):
            out += " "
        out += "<nil>" if value is None else format_value(value)
    return out


def _println(*values: Any) -> str:
    return " ".join(map(format_value, values)) + "\n"


def _html(*values: Any) -> str:
    import html

    return html.escape(_print(*values)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _js(*values: Any) -> str:
    return json.dumps(_print(*values))[1:-1].replace("'", "\\'")


def _urlquery(*values: Any) -> str:
    return quote_plus(_print(*values))


def _call(function: Any, *_values: Any) -> Any:
    raise TypeError(f"non-function of type {go_type(function)}")


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator)


def _join(items: Any, separator: str) -> str:
    """Join the items of a list, or the sorted values of a map.

    source: docker/cli, templates/templates.go: joinElements.
    """
    match items:
        case None:
            return ""
        case Mapping():
            return separator.join(sorted(map(format_value, items.values())))
        case list() | tuple():
            return separator.join(map(format_value, items))
    raise TypeError(f"expected slice, got {go_type(items)}")


def _title(text: str) -> str:
    return re.sub(r"\b[^\W\d_]", lambda match: match[0].upper(), text)


def _lower(text: str) -> str:
    return text.lower()


def _upper(text: str) -> str:
    return text.upper()


def _pad(text: str, before: int, after: int) -> str:
    return " " * before + text + " " * after if text else text


def _truncate(text: str, length: int) -> str:
    return text[:length]


FUNCTIONS: dict[str, Function] = {
    "eq": _equal,
    "ne": _not_equal,
    "lt": _compare(lambda left, right: left < right),
    "le": _compare(lambda left, right: left <= right),
    "gt": _compare(lambda left, right: left > right),
    "ge": _compare(lambda left, right: left >= right),
    "not": _not,
    "len": _length,
    "index": _index,
    "slice": _slice,
    "print": _print,
    "println": _println,
    "printf": _printf,
    "html": _html,
    "js": _js,
    "urlquery": _urlquery,
    "call": _call,
    "json": to_json,
    "split": _split,
    "join": _join,
    "title": _title,
    "lower": _lower,
    "upper": _upper,
    "pad": _pad,
    "truncate": _truncate,
}
