"""Times as the Engine API writes and reads them.

source: Go's time.RFC3339Nano; moby api/types/time/timestamp.go for what clients may send.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from .errors import BadParameter

#: The time of what has not happened.
ZERO = "0001-01-01T00:00:00Z"
_NS = 1_000_000_000
_UNIX = re.compile(r"(-?\d+)(?:\.(\d{1,9}))?")
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d)?)?)(?:\.(\d{1,9})\d*)?)?(Z|[+-]\d\d:\d\d)?"
)
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}


def now_ns() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns()


def stamp(ns: int | None = None) -> str:
    """RFC 3339 with nanoseconds and without trailing zeros, in UTC."""
    seconds, rest = divmod(now_ns() if ns is None else ns, _NS)
    base = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{base}{fraction}Z"


def seconds() -> str:
    """Now, as RFC 3339 without a fraction."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def parse(text: str) -> int:
    """Nanoseconds since 1970 of a time that `stamp` wrote; 0 for the zero time."""
    return 0 if text.startswith("0001-") else since(text)


def since(text: str) -> int:
    """Nanoseconds since 1970 of what a client sends: Unix seconds, RFC 3339, or a Go duration ago.

    Raises:
        BadParameter: the text is no time.
    """
    if match := _UNIX.fullmatch(text):
        return int(match[1]) * _NS + int((match[2] or "").ljust(9, "0"))
    if match := _STAMP.fullmatch(text):
        return _of_stamp(*match.groups())
    pieces = _DURATION.findall(text)
    if pieces and "".join(number + unit for number, unit in pieces) == text:
        return now_ns() - int(sum(float(number) * _UNITS[unit] for number, unit in pieces))
    raise BadParameter(f'failed to parse value as time or duration: "{text}"')


def duration_ns(text: str) -> int:
    """Nanoseconds of a Go duration: `1m30s`.

    Raises:
        BadParameter: it is none.
    """
    bare = text[1:] if text[:1] in {"+", "-"} else text
    pieces = _DURATION.findall(bare)
    if bare == "0":
        return 0
    if re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", bare):
        raise BadParameter(f'time: missing unit in duration "{text}"')
    if not pieces or "".join(number + unit for number, unit in pieces) != bare:
        raise BadParameter(f'time: invalid duration "{text}"')
    size = int(sum(float(number) * _UNITS[unit] for number, unit in pieces))
    return -size if text.startswith("-") else size


def duration(seconds: float) -> str:
    """A Go duration: `500ms`, `1.5s`, `1m30s`."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    larger = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{larger}{rest:g}s"


def _of_stamp(date: str, clock: str | None, fraction: str | None, zone: str | None) -> int:
    parts = [*(clock or "00").split(":"), "00", "00"][:3]
    offset = "+00:00" if zone in {None, "Z"} else zone
    try:
        moment = datetime.fromisoformat(f"{date}T{':'.join(parts)}{offset}")
    except ValueError as error:
        raise BadParameter(f"invalid time {date}: {error}") from error
    whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return whole * _NS + int((fraction or "").ljust(9, "0"))


def human(seconds: float) -> str:
    """`About a minute`, `3 weeks`.

    source: docker/go-units, duration.go: HumanDuration.
    """
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole < 60:
        return "1 second" if whole == 1 else f"{whole} seconds"
    minutes = whole // 60
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    hours = int(seconds / 3600 + 0.5)
    if hours < 48:
        return "About an hour" if hours == 1 else f"{hours} hours"
    for limit, divisor, name in (
        (24 * 7 * 2, 24, "days"),
        (24 * 30 * 2, 24 * 7, "weeks"),
        (24 * 365 * 2, 24 * 30, "months"),
    ):
        if hours < limit:
            return f"{hours // divisor} {name}"
    return f"{int(seconds / 3600) // 24 // 365} years"
