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
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from docker_magics.wire import go

from .dates import format_date, from_date, to_date
from .limits import bounded, bounded_join
from .regexp import Match, Regexp, Spend
from .values import HclError, elements, is_equal, is_true, item, normal, to_number, to_text

#: The most values of range(), as go-cty has it.
_MAX_RANGE = 1024
#: The largest width of format(), as Go's fmt has it, and of indent().
_MAX_WIDTH = 1_000_000


def _format(pattern: str, *values: Any) -> str:
    """Return a text with values in place of Go's verbs: `%s`, `%05.1f`, `%q`, `%v`."""
    return bounded_join("", _formatted(pattern, deque(values)))


def _formatted(pattern: str, values: deque[Any]) -> Iterator[str]:
    """Yield the parts of a formatted text."""
    position = 0
    for match in re.finditer(r"%([-+ #0]*\d*(?:\.\d+)?)([a-zA-Z%])", pattern):
        yield pattern[position : match.start()]
        yield "%" if match[2] == "%" else _verb(match[1], match[2], values.popleft())
        position = match.end()
    yield pattern[position:]


def _verb(flags: str, verb: str, value: Any) -> str:
    for number in re.findall(r"\d+", flags):
        _width(number)
    if verb == "q":
        return json.dumps(to_text(value), ensure_ascii=False)
    if verb == "v":
        text = json.dumps(value) if isinstance(value, (list, dict)) else to_text(value)
        return f"%{flags}s" % text
    return f"%{flags}{verb}" % (to_text(value) if verb == "s" else to_number(value))


def _width(text: str) -> int:
    """Return a width: a larger one would only fill the memory."""
    width = int(text)
    if not 0 <= width <= _MAX_WIDTH:
        raise ValueError(f"expected a width up to {_MAX_WIDTH}")
    return width


def _format_list(pattern: str, *values: Any) -> list[str]:
    if not any(isinstance(value, list) for value in values):
        return [_format(pattern, *values)]
    columns = [value if isinstance(value, list) else itertools.repeat(value) for value in values]
    return list(bounded(_format(pattern, *row) for row in zip(*columns, strict=False)))


def _replace(text: str, old: str, new: str) -> str:
    return bounded_join(new, text.split(old) if old else ["", *text, ""])


def _replace_pattern(spend: Spend, text: str, pattern: str, replacement: str) -> str:
    """Replace the matches of a pattern; `$1` and `${name}` are its groups, as in Go."""
    return bounded_join("", _replaced(Regexp(pattern, spend).find_all(text), text, replacement))


def _replaced(matches: Iterable[Match], text: str, replacement: str) -> Iterator[str]:
    """Yield the parts of a text with replaced matches."""
    position = 0
    for match in matches:
        yield text[position : match.start]
        yield match.expanded(replacement)
        position = match.end
    yield text[position:]


def _match(spend: Spend, pattern: str, text: str) -> Any:
    match = Regexp(pattern, spend).search(text)
    if match is None:
        raise ValueError("no match")
    return _groups(match)


def _matches(spend: Spend, pattern: str, text: str) -> list[Any]:
    return list(map(_groups, Regexp(pattern, spend).find_all(text)))


def _groups(match: Match) -> Any:
    """Return a match's groups by name, or by number; its text if it has none."""
    names = match.names
    if not names:
        return match.group(0)
    if any(names) and not all(names):
        raise HclError("invalid regular expression: some of its groups are named")
    return dict(zip(names, match.groups(), strict=True)) if all(names) else match.groups()


def _substring(text: str, start: Any, length: Any) -> str:
    first = to_number(start)
    return text[first:] if to_number(length) < 0 else text[first:][: to_number(length)]


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _flat(values: Iterable[Any]) -> list[Any]:
    return [
        part for value in values for part in (_flat(value) if isinstance(value, list) else [value])
    ]


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(_keyed(values).values())


def _keyed(values: Iterable[Any]) -> dict[str, Any]:
    """Return values by their JSON, which is equal for equal values."""
    return {json.dumps(value, sort_keys=True): value for value in values}


def _sorted_set(values: Iterable[Any]) -> list[Any]:
    return sorted(_distinct(values), key=to_text)


def _intersection(first: list[Any], *sets: list[Any]) -> list[Any]:
    common = _keyed(first)
    for other in map(_keyed, sets):
        common = {key: value for key, value in common.items() if key in other}
    return _sorted_set(common.values())


def _difference(first: list[Any], second: list[Any]) -> list[Any]:
    removed = _keyed(second)
    return _sorted_set(value for key, value in _keyed(first).items() if key not in removed)


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
    "indent": lambda width, text: _replace(text, "\n", "\n" + " " * _width(width)),
    "jsondecode": json.loads,
    "lower": str.lower,
    "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    "parseint": lambda text, base: int(text, int(base)),
    "replace": _replace,
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
    "join": lambda separator, *lists: bounded_join(separator, map(to_text, _flat(lists))),
    "jsonencode": lambda value: go.escape_html(
        json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    ),
    "keys": sorted,
    "length": lambda values: len({} if isinstance(values, str) else values),
    "lookup": lambda values, key, default: values.get(key, default),
    "merge": _merged,
    "not": lambda value: not is_true(value),
    "notequal": lambda left, right: not is_equal(left, right),
    "or": lambda left, right: is_true(left) or is_true(right),
    "range": _range,
    "reverselist": lambda values: values[::-1],
    "setintersection": _intersection,
    "setsubtract": _difference,
    "setunion": lambda *sets: _sorted_set(itertools.chain(*sets)),
    "slice": lambda values, start, end: values[to_number(start) : to_number(end)],
    "sort": sorted,
    "values": lambda values: [values[key] for key in sorted(values)],
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
}


def _of(convert: Callable[[Any], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: normal(function(*map(convert, values)))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _of(to_text, function) for name, function in _OF_TEXTS.items()},
    **{name: _of(to_number, function) for name, function in _OF_NUMBERS.items()},
    **_OF_VALUES,
}


def functions(spend: Spend) -> dict[str, Callable[..., Any]]:
    """Return the functions by name.

    Args:
        spend: is called with the steps of regular expressions.
    """
    of_patterns: dict[str, Callable[..., Any]] = {
        "regex": _match,
        "regex_replace": _replace_pattern,
        "regexall": _matches,
    }
    return _FUNCTIONS | {
        name: _of(to_text, partial(function, spend)) for name, function in of_patterns.items()
    }
