"""Dates of bake files: RFC 3339 texts, and the patterns of formatdate().

source: zclconf/go-cty, function/stdlib/datetime.go.
"""

from __future__ import annotations

import re
from datetime import datetime

#: Possessive, as a pattern that does not match would be tried in all ways.
_TOKENS = r"(?:'[^']*+')++|Y++|M++|D++|E++|h++|H++|m++|s++|A++|a++|Z++|[^A-Za-z']++"
_MERIDIEM = ("am", "pm")


def to_date(text: str) -> datetime:
    """Return the date of an RFC 3339 text.

    Raises:
        ValueError: it is not one.
    """
    date = datetime.fromisoformat(text)
    if date.tzinfo is None:
        raise ValueError("expected a time zone")
    return date


def from_date(date: datetime) -> str:
    """Return an RFC 3339 text."""
    return date.isoformat(timespec="seconds").replace("+00:00", "Z")


def format_date(pattern: str, text: str) -> str:
    """Return a date in a pattern such as `YYYY-MM-DD'T'hh:mm:ss`.

    Raises:
        ValueError: the pattern or the date is invalid.
    """
    if not re.fullmatch(f"(?:{_TOKENS})*+", pattern):
        raise ValueError("invalid pattern of a date")
    date = to_date(text)
    return re.sub(_TOKENS, lambda match: _formatted(match[0], date), pattern)


def _formatted(token: str, date: datetime) -> str:
    if token[0] == "'":
        return token[1:-1].replace("''", "'")
    if not token[0].isalpha():
        return token
    offset = date.strftime("%z")
    hour = (date.hour - 1) % 12 + 1
    half = _MERIDIEM[date.hour >= 12]
    return {
        "YYYY": f"{date.year:04}",
        "YY": f"{date.year % 100:02}",
        "MMMM": f"{date:%B}",
        "MMM": f"{date:%b}",
        "MM": f"{date:%m}",
        "M": str(date.month),
        "DD": f"{date:%d}",
        "D": str(date.day),
        "EEEE": f"{date:%A}",
        "EEE": f"{date:%a}",
        "hh": f"{date:%H}",
        "h": str(date.hour),
        "HH": f"{hour:02}",
        "H": str(hour),
        "AA": half.upper(),
        "aa": half,
        "mm": f"{date:%M}",
        "m": str(date.minute),
        "ss": f"{date:%S}",
        "s": str(date.second),
        "ZZZZZ": f"{offset[:3]}:{offset[3:]}",
        "ZZZZ": offset,
        "ZZZ": "UTC" if offset == "+0000" else offset,
        "Z": "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}",
    }[token]
