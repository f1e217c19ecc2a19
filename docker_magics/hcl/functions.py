"""The functions of bake files.

source: docker/buildx, bake/hclparser/stdlib.go; zclconf/go-cty, function/stdlib.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from docker_magics.wire import go

from .dates import format_date, from_date, to_date
from .values import HclError, elements, is_equal, is_true, item, normal, to_number, to_text

#: The most values of range(), as go-cty has it.
_MAX_RANGE = 1024
#: The largest width of format(), as Go's fmt has it, and of indent().
_MAX_WIDTH = 1_000_000


def _format(pattern: str, *values: Any) -> str:
    """Return a text with values in place of Go's verbs: `%s`, `%05.1f`, `%q`, `%v`."""
    remaining = iter(values)

    def formatted(match: re.Match[str]) -> str:
        flags, verb = match[1], match[2]
        for number in re.findall(r"\d+", flags):
            _width(number)
        if verb == "%":
            return "%"
        value = next(remaining)
        if verb == "q":
            return json.dumps(to_text(value), ensure_ascii=False)
        if verb == "v":
            text = json.dumps(value) if isinstance(value, (list, dict)) else to_text(value)
            return f"%{flags}s" % text
        return f"%{flags}{verb}" % (to_text(value) if verb == "s" else to_number(value))

    return re.sub(r"%([-+ #0]*\d*(?:\.\d+)?)([a-zA-Z%])", formatted, pattern)


def _width(text: str) -> int:
    """Return a width: a larger one would only fill the memory."""
    width = int(text)
    if not 0 <= width <= _MAX_WIDTH:
        raise ValueError(f"expected a width up to {_MAX_WIDTH}")
    return width


def _format_list(pattern: str, *values: Any) -> list[str]:
    columns = [value if isinstance(value, list) else itertools.repeat(value) for value in values]
    return [_format(pattern, *row) for row in zip(*columns, strict=False)]


def _replace_pattern(text: str, pattern: str, replacement: str) -> str:
    """Replace the matches of a pattern; `$1` and `${name}` are its groups, as in Go."""
    template = replacement.replace("\\", r"\\")
    template = re.sub(r"\$(?:\{(\w+)\}|(\w+))", r"\\g<\1\2>", template)
    return re.sub(pattern, template.replace("$$", "$"), text)


def _match(pattern: str, text: str) -> Any:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError("no match")
    return _groups(match)


def _groups(match: re.Match[str]) -> Any:
    return match.groupdict() or list(match.groups()) or match[0]


def _substring(text: str, start: Any, length: Any) -> str:
    first = to_number(start)
    return text[first:] if to_number(length) < 0 else text[first:][: to_number(length)]


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _flat(values: Iterable[Any]) -> list[Any]:
    return [
        part for value in values for part in (_flat(value) if isinstance(value, list) else [value])
    ]


def _distinct(values: list[Any]) -> list[Any]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def _sorted_set(values: Iterable[Any]) -> list[Any]:
    return sorted(_distinct(list(values)), key=to_text)


def _chunks(values: list[Any], size: Any) -> list[list[Any]]:
    step = int(to_number(size)) or len(values)
    return [values[start : start + step] for start in range(0, len(values), step)]


def _contains(values: Any, wanted: Any) -> bool:
    return any(is_equal(value, wanted) for value in values)


def _index_of(values: list[Any], wanted: Any) -> int:
    return next(place for place, value in enumerate(values) if is_equal(value, wanted))


def _has_index(values: Any, key: Any) -> bool:
    return key in values if isinstance(values, Mapping) else 0 <= key < len(values)


def _merged(*values: dict[str, Any] | None) -> dict[str, Any]:
    return {key: part for value in values if value for key, part in value.items()}


def _converted(value: Any, kind: Any) -> Any:
    return CONVERSIONS[kind](value) if isinstance(kind, str) else value


def _range(*bounds: int) -> list[int]:
    numbers = list(map(to_number, bounds))
    if len(numbers) < 3:
        first, last = (numbers[0], numbers[1]) if len(numbers) == 2 else (0, numbers[0])
        numbers = [first, last, 1 if last >= first else -1]
    values = range(*numbers)
    if len(values) > _MAX_RANGE:
        raise HclError(f"range() has more than {_MAX_RANGE} values")
    return list(values)


#: The conversion to each simple type.
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": to_text,
    "number": to_number,
    "bool": is_true,
    "any": lambda value: value,
}

#: Functions of texts; other values are converted.
_OF_TEXTS: dict[str, Callable[..., Any]] = {
    "base64decode": lambda text: base64.b64decode(text, validate=True).decode(),
    "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "basename": lambda text: posixpath.basename(text.rstrip("/")) or text,
    "chomp": lambda text: text.rstrip("\r\n"),
    "dirname": lambda text: posixpath.normpath(posixpath.dirname(text)),
    "formatdate": format_date,
    "indent": lambda width, text: text.replace("\n", "\n" + " " * _width(width)),
    "jsondecode": json.loads,
    "lower": str.lower,
    "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    "parseint": lambda text, base: int(text, int(base)),
    "regex": _match,
    "regex_replace": _replace_pattern,
    "regexall": lambda pattern, text: [_groups(match) for match in re.finditer(pattern, text)],
    "replace": lambda text, old, new: text.replace(old, new),
    "reverse": lambda text: text[::-1],
    "sanitize": lambda text: re.sub(r"[^a-zA-Z0-9_-]", "_", text),
    "sha1": lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "sha512": lambda text: hashlib.sha512(text.encode()).hexdigest(),
    "split": lambda separator, text: text.split(separator) if separator else list(text),
    "strlen": len,
    "substr": _substring,
    "timeadd": lambda text, time: from_date(
        to_date(text) + timedelta(microseconds=go.parse_duration(time) // 1000)
    ),
    "timestamp": lambda: from_date(datetime.now(UTC)),
    "title": lambda text: re.sub(r"(^|\s)\S", lambda match: match[0].upper(), text),
    "trim": lambda text, characters: text.strip(characters),
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "urlencode": quote_plus,
}

#: Functions of numbers; texts are converted.
_OF_NUMBERS: dict[str, Callable[..., Any]] = {
    "absolute": abs,
    "add": lambda left, right: left + right,
    "ceil": math.ceil,
    "divide": lambda left, right: left / right,
    "floor": math.floor,
    "greaterthan": lambda left, right: left > right,
    "greaterthanorequalto": lambda left, right: left >= right,
    "int": math.trunc,
    "lessthan": lambda left, right: left < right,
    "lessthanorequalto": lambda left, right: left <= right,
    "log": math.log,
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "modulo": math.fmod,
    "multiply": lambda left, right: left * right,
    "negate": lambda value: -value,
    "pow": math.pow,
    "signum": lambda value: (value > 0) - (value < 0),
    "subtract": lambda left, right: left - right,
}

#: Functions of values of any type.
_OF_VALUES: dict[str, Callable[..., Any]] = {
    "and": lambda left, right: is_true(left) and is_true(right),
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": lambda *lists: next(filter(None, lists)),
    "compact": lambda texts: [text for text in texts if text],
    "concat": lambda *lists: [value for values in lists for value in elements(values)],
    "contains": _contains,
    "convert": _converted,
    "distinct": _distinct,
    "element": lambda values, place: values[to_number(place) % len(values)],
    "equal": is_equal,
    "flatten": _flat,
    "format": _format,
    "formatlist": _format_list,
    "hasindex": _has_index,
    "index": item,
    "indexof": _index_of,
    "join": lambda separator, *lists: separator.join(to_text(value) for value in _flat(lists)),
    "jsonencode": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "keys": sorted,
    "length": lambda values: len({} if isinstance(values, str) else values),
    "lookup": lambda values, key, default: values.get(key, default),
    "merge": _merged,
    "not": lambda value: not is_true(value),
    "notequal": lambda left, right: not is_equal(left, right),
    "or": lambda left, right: is_true(left) or is_true(right),
    "range": _range,
    "reverselist": lambda values: values[::-1],
    "setintersection": lambda first, *sets: _sorted_set(
        value for value in first if all(value in other for other in sets)
    ),
    "setsubtract": lambda first, second: _sorted_set(
        value for value in first if value not in second
    ),
    "setunion": lambda *sets: _sorted_set(itertools.chain(*sets)),
    "slice": lambda values, start, end: values[to_number(start) : to_number(end)],
    "sort": sorted,
    "values": lambda values: [values[key] for key in sorted(values)],
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
}


def _of(convert: Callable[[Any], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: normal(function(*map(convert, values)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _of(to_text, function) for name, function in _OF_TEXTS.items()},
    **{name: _of(to_number, function) for name, function in _OF_NUMBERS.items()},
    **_OF_VALUES,
}
