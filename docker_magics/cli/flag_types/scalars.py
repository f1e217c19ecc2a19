"""Numbers, sizes, durations and truth values as Go reads them.

source: Go's strconv and time; docker/go-units, size.go; docker/cli, opts/opts.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}


def boolean(text: str) -> bool:
    """Go's strconv.ParseBool."""
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


_PREFIXED = re.compile(r"[+-]?0[xXoObB]")
_OCTAL = re.compile(r"[+-]?0[0-9_]+")


def integer(bits: int = 64, *, signed: bool = True) -> Callable[[str], int]:
    """Go's strconv.ParseInt or ParseUint with base 0, for `bits` bits."""
    name = "ParseInt" if signed else "ParseUint"
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)

    def parse(text: str) -> int:
        syntax = ValueError(f'strconv.{name}: parsing "{text}": invalid syntax')
        if text != text.strip() or (not signed and text[:1] in "+-"):
            raise syntax
        base = 0 if _PREFIXED.match(text) else 8 if _OCTAL.fullmatch(text) else 10
        try:
            value = int(text, base)
        except ValueError:
            raise syntax from None
        if not low <= value <= high:
            raise ValueError(f'strconv.{name}: parsing "{text}": value out of range')
        return value

    return parse


def decimal_integer(text: str, bits: int = 64, *, signed: bool = True) -> int:
    """Go's strconv.ParseInt or ParseUint with base 10: digits alone."""
    if not re.fullmatch(r"[+-]?[0-9]+" if signed else r"[0-9]+", text):
        name = "ParseInt" if signed else "ParseUint"
        raise ValueError(f'strconv.{name}: parsing "{text}": invalid syntax')
    # A leading zero is octal for base 0 and nothing for base 10.
    return integer(bits, signed=signed)(re.sub(r"^([+-]?)0+(?=[0-9])", r"\1", text))


_LITERAL = re.compile(
    r"([+-]?)(0[xXoObB])?([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?(?:p([+-]?[0-9]+))?"
)
_POWER_OF_TEN = re.compile(r"(?!.*0[xX])(.*)[eE]([+-]?[0-9]+)")
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_HIGHEST_POWER = 10_000


def go_number(text: str) -> Fraction:
    """A number as Go writes it: `1.5`, `1e3`, `0x1F`, `0x1p-2`, `1_000`.

    Raises:
        ValueError: it is none.

    source: Go's math/big, ratconv.go: Rat.SetString.
    """
    tens = _POWER_OF_TEN.fullmatch(text)
    mantissa, ten = (tens[1], int(tens[2])) if tens else (text, 0)
    literal = _LITERAL.fullmatch(mantissa.replace("P", "p"))
    if literal is None:
        raise ValueError(text)
    sign, prefix, whole, part, power = literal.groups()
    two = int(power or 0)
    if max(abs(two), abs(ten)) > _HIGHEST_POWER:
        raise ValueError(text)
    base = _BASES.get((prefix or "").lower(), 10)
    digits = Fraction(int(whole + (part or ""), base), base ** len((part or "").replace("_", "")))
    return (-1 if sign == "-" else 1) * digits * Fraction(10) ** ten * Fraction(2) ** two


_SIZE = re.compile(r"(?P<number>.*[0-9.])(?P<space> ?)(?P<suffix>[^0-9. ]*)", re.DOTALL)
#: What Go's ParseFloat takes: a hexadecimal number has an exponent.
_FLOAT = re.compile(
    r"[+-]?(?:[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9]+)?|0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*[pP][+-]?[0-9]+)"
)
_BINARY = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}


def size(text: str) -> int:
    """Bytes, as `512m` or `1.5g`; units are powers of 1024.

    source: docker/go-units, size.go: RAMInBytes.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"invalid size: '{text}'")
    number = _float(match["number"])
    if number < 0:
        raise ValueError(f"invalid size: '{text}'")
    suffix = match["suffix"].lower()
    unit = re.fullmatch(r"([kmgtp]?)b?|([kmgtp])ib", suffix)
    if unit is None:
        raise ValueError(f"invalid suffix: '{suffix}'")
    return int(number * _BINARY[unit[1] or unit[2] or ""])


def _float(text: str) -> float:
    syntax = ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    if not _FLOAT.fullmatch(text):
        raise syntax
    try:
        return float(go_number(text))
    except (ValueError, OverflowError):
        raise syntax from None


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
        unknown = re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]+)", text)
        if number:
            raise ValueError(f'time: missing unit in duration "{text}"')
        if unknown:
            raise ValueError(f'time: unknown unit "{unknown[1]}" in duration "{text}"')
        raise ValueError(f'time: invalid duration "{text}"')
    parts = _DURATION_PART.findall(text)
    total = sum(int(Decimal(number) * _UNIT_NS[unit]) for number, unit in parts)
    return -total if text.startswith("-") else total


_INT = integer()


def nano_cpus(text: str) -> int:
    """CPUs in billionths, as `1.5` or `1/2`.

    source: docker/cli, opts/opts.go: ParseCPUs.
    """
    number, slash, divisor = text.partition("/")
    try:
        value = Fraction(_INT(number), _INT(divisor)) if slash else go_number(number)
        nanos = value * 1_000_000_000
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"failed to parse {text} as a rational number") from None
    if nanos.denominator != 1:
        raise ValueError("value is too precise")
    return int(nanos)
