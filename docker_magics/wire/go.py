"""Values as Go programs read and write them: booleans, numbers, sizes, durations, file modes.

Every function that parses raises ValueError with the text of Go's own error.

source: Go's strconv, time and math/big; docker/go-units, size.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
#: The texts that `parse_bool` takes for false.
FALSE = {"0", "f", "F", "false", "FALSE", "False"}


def is_bool(text: str) -> bool:
    """Whether `parse_bool` accepts a text."""
    return text in _TRUE | FALSE


def parse_bool(text: str) -> bool:
    """Return the value of `true`, `T`, `1`, `false` and their like: strconv.ParseBool.

    Raises:
        ValueError: the text is not a boolean.
    """
    if not is_bool(text):
        raise _syntax_error("ParseBool", text)
    return text in _TRUE


def parse_int(text: str, base: int = 10, bits: int = 64) -> int:
    """Return a signed integer: strconv.ParseInt.

    Args:
        text: the number.
        base: 0 takes the base from the prefix (`0x`, `0o`, `0`, `0b`) and allows underscores.
        bits: the size of the integer.

    Raises:
        ValueError: the text is not a number, or does not fit.
    """
    return _integer("ParseInt", text, base, range(-(1 << bits - 1), 1 << bits - 1))


def parse_uint(text: str, base: int = 10, bits: int = 64) -> int:
    """Return an unsigned integer, which may not have a sign: strconv.ParseUint.

    Raises:
        ValueError: the text is not a number, or does not fit.
    """
    if text[:1] in {"+", "-"}:
        raise _syntax_error("ParseUint", text)
    return _integer("ParseUint", text, base, range(1 << bits))


def atoi(text: str) -> int:
    """Return a decimal integer of 64 bits: strconv.Atoi.

    Raises:
        ValueError: the text is not a number, or does not fit.
    """
    return _integer("Atoi", text, 10, range(-(1 << 63), 1 << 63))


def file_mode(text: str) -> int:
    """Return the permissions of an octal text such as `0755`: strconv.ParseUint(text, 8, 32).

    Raises:
        ValueError: the text is not an octal number, or does not fit into 32 bits.
    """
    return parse_uint(text, 8, 32)


_DIGITS = {8: "[+-]?[0-7]+", 10: "[+-]?[0-9]+"}
_PREFIX = r"[+-]?0[xXoObB]"
_LEGACY_OCTAL = r"[+-]?0[0-9_]+"


def _integer(function: str, text: str, base: int, allowed: range) -> int:
    if base == 0:
        is_well_formed = text.isascii() and text == text.strip()
        base = 8 if re.fullmatch(_LEGACY_OCTAL, text) else 0 if re.match(_PREFIX, text) else 10
    else:
        is_well_formed = bool(re.fullmatch(_DIGITS[base], text))
    try:
        value = int(text, base) if is_well_formed else None
    except ValueError:  # or int() refuses thousands of digits
        value = None
    if value is None:
        raise _syntax_error(function, text)
    if value not in allowed:
        raise _range_error(function, text)
    return value


def _syntax_error(function: str, text: str) -> ValueError:
    return ValueError(f"strconv.{function}: parsing {quote(text)}: invalid syntax")


def _range_error(function: str, text: str) -> ValueError:
    return ValueError(f"strconv.{function}: parsing {quote(text)}: value out of range")


_LITERAL = r"([+-]?)(0[xXoObB])?([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?(?:p([+-]?[0-9]+))?"
_POWER_OF_TEN = r"(?!.*0[xX])(.*)[eE]([+-]?[0-9]+)"
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_HIGHEST_POWER = 10_000


def parse_rational(text: str) -> Fraction:
    """Return the exact value of a Go literal: `1.5`, `1e3`, `0x1F`, `0x1p-2`, `1_000`.

    Raises:
        ValueError: the text is not a number, or its exponent is beyond 10000.

    source: Go's math/big, ratconv.go: Rat.SetString.
    """
    from fractions import Fraction

    tens = re.fullmatch(_POWER_OF_TEN, text)
    mantissa, ten = (tens[1], int(tens[2])) if tens else (text, 0)
    literal = re.fullmatch(_LITERAL, mantissa.replace("P", "p"))
    if literal is None:
        raise ValueError(text)
    sign, prefix, whole, part, power = literal.groups()
    two = int(power or 0)
    if max(abs(two), abs(ten)) > _HIGHEST_POWER:
        raise ValueError(text)
    base = _BASES.get((prefix or "").lower(), 10)
    digits = Fraction(int(whole + (part or ""), base), base ** len((part or "").replace("_", "")))
    return (-1 if sign == "-" else 1) * digits * Fraction(10) ** ten * Fraction(2) ** two


#: What strconv.ParseFloat accepts: a hexadecimal number must have an exponent.
_FLOAT = (
    r"[+-]?(?:[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9]+)?"
    r"|0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*[pP][+-]?[0-9]+)"
)


def parse_float(text: str) -> float:
    """Return a finite floating-point number: strconv.ParseFloat.

    Raises:
        ValueError: the text is not a number, or does not fit into 64 bits.
    """
    if not re.fullmatch(_FLOAT, text):
        raise _syntax_error("ParseFloat", text)
    try:
        return float(parse_rational(text))
    except OverflowError:
        raise _range_error("ParseFloat", text) from None
    except ValueError:
        raise _syntax_error("ParseFloat", text) from None


_UNITS = "kmgtp"


def ram_in_bytes(text: str) -> int:
    """Return the bytes of `512m` or `1.5GiB`; units are powers of 1024: units.RAMInBytes.

    Raises:
        ValueError: the text is not a size.
    """
    return _size(text, 1024)


def from_human_size(text: str) -> int:
    """Return the bytes of `10m` or `1.5GB`; units are powers of 1000: units.FromHumanSize.

    Raises:
        ValueError: the text is not a size.
    """
    return _size(text, 1000)


def _size(text: str, step: int) -> int:
    last = max(map(text.rfind, "0123456789. "))
    if last == -1:
        raise ValueError(f"invalid size: '{text}'")
    number, suffix = text[: last + 1], text[last + 1 :]
    size = parse_float(number.removesuffix(" "))
    if size < 0:
        raise ValueError(f"invalid size: '{text}'")
    if len(suffix) > 3:
        raise ValueError(f"invalid suffix: '{suffix}'")
    suffix = suffix.lower()
    unit = re.fullmatch(rf"([{_UNITS}])(?:i?b)?|b?", suffix)
    if unit is None:
        raise ValueError(f"invalid suffix: '{suffix}'")
    factor: int = step ** (_UNITS.index(unit[1]) + 1) if unit[1] else 1
    if size * factor >= 1 << 63:
        raise ValueError(f"invalid size: '{text}'")
    return int(size * factor)


_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, micro sign
    "μs": 1_000,  # U+03BC, Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_DURATION_PART = r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)"


def parse_duration(text: str) -> int:
    """Return the nanoseconds of `1m30s` or `-1.5h`: time.ParseDuration.

    Raises:
        ValueError: the text is not a duration, or does not fit into 64 bits.
    """
    invalid = ValueError(f"time: invalid duration {quote(text)}")
    unsigned = text[1:] if text[:1] in {"+", "-"} else text
    if unsigned == "0":
        return 0
    part_of, total, at = re.compile(_DURATION_PART), 0, 0
    while at < len(unsigned) or not unsigned:
        part = part_of.match(unsigned, at)
        if part is None or not (part[1] or part[2]):
            raise invalid
        total += _duration_part(part[1] + "." + (part[2] or ""), part[3], text)
        at = part.end()
    total = -total if text.startswith("-") else total
    if not -(1 << 63) <= total < 1 << 63:
        raise invalid
    return total


def _duration_part(number: str, unit: str, text: str) -> int:
    from fractions import Fraction

    if not unit:
        raise ValueError(f"time: missing unit in duration {quote(text)}")
    if unit not in _NANOSECONDS:
        raise ValueError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
    return int(Fraction("0" + number + "0") * _NANOSECONDS[unit])


def format_duration(nanoseconds: int) -> str:
    """Return `1h2m3.5s`, or `1.5ms` below a second: Go's time.Duration.String."""
    sign, count = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    if 0 < count < _NANOSECONDS["s"]:
        unit = next(name for name in ("ms", "µs", "ns") if count >= _NANOSECONDS[name])
        return f"{sign}{_decimal(count, _NANOSECONDS[unit])}{unit}"
    minutes, rest = divmod(count, _NANOSECONDS["m"])
    hours, minutes = divmod(minutes, 60)
    larger = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{larger}{_decimal(rest, _NANOSECONDS['s'])}s"


def _decimal(count: int, unit: int) -> str:
    whole, rest = divmod(count, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}d}" if rest else ""
    return f"{whole}.{fraction}".rstrip("0").rstrip(".") if fraction else str(whole)


def parse_time(text: str) -> datetime:
    """Return a time `2024-01-02T15:04:05+09:00`; without an offset it is naive.

    Unlike Python 3.14, Go does not read `T24:00:00` as midnight of the next day.
    """
    from datetime import datetime

    if text[10:13] == "T24":
        raise ValueError("hour out of range")
    return datetime.fromisoformat(text)


_NAMED_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}


def quote(text: str) -> str:
    """Return a Go string literal: strconv.Quote."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def human_duration(seconds: float) -> str:
    """Return a time span in words, `About an hour` or `2 weeks`: units.HumanDuration.

    source: docker/go-units, duration.go.
    """
    whole = int(seconds)
    hours = int(seconds / _HOUR_S + 0.5)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < _MINUTE_S:
        return f"{whole} seconds"
    if whole < 2 * _MINUTE_S:
        return "About a minute"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} minutes"
    if hours == 1:
        return "About an hour"
    return _long_duration(hours, whole)


def _long_duration(hours: int, seconds: int) -> str:
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{seconds // _DAY_S // 365} years"


def escape_html(text: str) -> str:
    """Escape <, > and & in JSON, as Go does."""
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
