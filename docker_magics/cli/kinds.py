"""Kinds of flag values: how the docker CLI reads each, by the name that `--help` prints.

A kind turns one text into one value; `many` says that a repeated flag adds to a list.

source: github.com/spf13/pflag (bool.go, int64.go), docker/cli opts/, docker/go-units.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Kind:
    """How a flag's text becomes its value.

    Attributes:
        parse: text -> value; ValueError with the CLI's words where it is none.
        many: a repeated flag adds to a list; what `parse` gives is one element.
        split: `parse` gives a list of elements (values separated by commas).
        bare: the value of the flag given without one.
        zero: the value where the flag was not given.
    """

    parse: Callable[[str], Any]
    many: bool = False
    split: bool = False
    bare: str | None = None
    zero: Any = None

    @property
    def empty(self) -> Any:
        """A fresh value for a flag that was not given."""
        return [] if self.many else self.zero


_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}


def boolean(text: str) -> bool:
    """Go's strconv.ParseBool."""
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


_PREFIXED = re.compile(r"[+-]?0[xXoObB]")
_OCTAL = re.compile(r"[+-]?0[0-7_]*[0-7]")


def integer(bits: int = 64, *, signed: bool = True) -> Callable[[str], int]:
    """Go's strconv.ParseInt or ParseUint with base 0, for `bits` bits."""
    name = "ParseInt" if signed else "ParseUint"
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)

    def parse(text: str) -> int:
        syntax = ValueError(f'strconv.{name}: parsing "{text}": invalid syntax')
        if text != text.strip() or (not signed and text[:1] in "+-"):
            raise syntax
        base = 0 if _PREFIXED.match(text) else 8 if _OCTAL.fullmatch(text) else 10
        if base == 10 and "_" in text:
            raise syntax
        try:
            value = int(text, base)
        except ValueError:
            raise syntax from None
        if not low <= value <= high:
            raise ValueError(f'strconv.{name}: parsing "{text}": value out of range')
        return value

    return parse


_SIZE = re.compile(r"(-?[0-9]+(?:\.[0-9]*)?|-?\.[0-9]+) ?([kmgtp]?i?b?)", re.IGNORECASE)
_BINARY = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}


def size(text: str) -> int:
    """Bytes, as `512m` or `1.5g`; units are powers of 1024.

    source: docker/go-units, size.go: RAMInBytes.
    """
    match = _SIZE.fullmatch(text)
    if match is None or (match[2].lower() in {"i", "ib"}):
        raise ValueError(f"invalid size: '{text}'")
    number = Decimal(match[1])
    if number < 0:
        raise ValueError(f"invalid size: '{text}'")
    return int(number * _BINARY[match[2].lower().rstrip("b").rstrip("i")])


def size_or_unlimited(text: str) -> int:
    """Bytes, or -1 for no limit."""
    return -1 if text == "-1" else size(text)


_UNIT_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION = re.compile(rf"[+-]?(?:{_DURATION_PART.pattern})+")


def duration(text: str) -> int:
    """Nanoseconds, as `1m30s` or `500ms`.

    source: Go's time.ParseDuration.
    """
    if text in {"0", "+0", "-0"}:
        return 0
    if not _DURATION.fullmatch(text):
        number = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
        what = "missing unit in duration" if number else "invalid duration"
        raise ValueError(f'time: {what} "{text}"')
    parts = _DURATION_PART.findall(text)
    total = sum(int(Decimal(number) * _UNIT_NS[unit]) for number, unit in parts)
    return -total if text.startswith("-") else total


def nano_cpus(text: str) -> int:
    """CPUs in billionths, as `1.5`.

    source: docker/cli, opts/opts.go: ParseCPUs.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"failed to parse {text} as a rational number") from None
    nanos = value * 1_000_000_000
    if nanos != nanos.to_integral_value():
        raise ValueError("value is too precise")
    return int(nanos)


def filter_pair(text: str) -> tuple[str, str]:
    """`key=value` of a --filter.

    source: docker/cli, opts/opts.go: FilterOpt.Set.
    """
    key, equals, value = text.partition("=")
    if text and not equals:
        raise ValueError("invalid argument format, expected key=value (for example status=exited)")
    return key.strip().lower(), value.strip()


def csv_values(text: str) -> list[str]:
    """Values separated by commas, quoted as in CSV."""
    return next(csv.reader([text]), [])


STRING = Kind(str, zero="")
LIST = Kind(str, many=True)

#: By the name that `docker X --help` prints behind the flag; "" is a boolean.
KINDS: dict[str, Kind] = {
    "": Kind(boolean, bare="true", zero=False),
    "string": STRING,
    "list": LIST,
    "strings": Kind(csv_values, many=True, split=True),
    "stringArray": LIST,
    "map": LIST,
    "int": Kind(integer(), zero=0),
    "int64": Kind(integer(), zero=0),
    "uint": Kind(integer(signed=False), zero=0),
    "uint16": Kind(integer(16, signed=False), zero=0),
    "uint32": Kind(integer(32, signed=False), zero=0),
    "uint64": Kind(integer(signed=False), zero=0),
    "bytes": Kind(size, zero=0),
    "duration": Kind(duration, zero=0),
    "decimal": Kind(nano_cpus, zero=0),
    "filter": Kind(filter_pair, many=True),
}
