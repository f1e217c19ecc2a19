"""Formats and parses the times of the Engine API.

source: Go's time.RFC3339Nano; moby api/types/time/timestamp.go for what clients may send.
"""

from __future__ import annotations

import contextlib
import re
import time
from datetime import UTC, datetime, timedelta

from ..wire import go
from .errors import BadParameter

#: Go's zero time: what has not happened yet.
ZERO = "0001-01-01T00:00:00Z"
_NS = 1_000_000_000
#: The end of the year 9999.
_LAST_NS = 253_402_300_800 * _NS - 1
_UNIX = re.compile(r"(-?\d+)(?:\.(\d{1,9}))?")
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d)?)?)(?:\.(\d{1,9})\d*)?)?(Z|[+-]\d\d:\d\d)?"
)


def now_ns() -> int:
    """Return the time in nanoseconds since 1970."""
    return time.time_ns()


def stamp(ns: int | None = None) -> str:
    """Return a time (default: now) as RFC 3339 in UTC, with up to nine digits of the second."""
    seconds, rest = divmod(now_ns() if ns is None else ns, _NS)
    base = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{base}{fraction}Z"


def sortable_stamp(ns: int | None = None) -> str:
    """Return a time (default: now) as RFC 3339 in UTC with nine digits: it sorts as a text.

    Times that clients send may be before 1970 or after the year 9999: the nearest one is returned.
    """
    ns = now_ns() if ns is None else min(max(ns, 0), _LAST_NS)
    seconds, rest = divmod(ns, _NS)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09d}Z"


def stamp_seconds() -> str:
    """Return the time now as RFC 3339 in UTC, in whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def normalized(text: str) -> str:
    """Return a time of RFC 3339 as Go prints it: UTC as Z, a fraction without final zeros."""
    length = len("Z" if text.endswith("Z") else "+00:00")
    moment, zone = text[:-length], text[-length:]
    whole, _, fraction = moment.partition(".")
    rest = f".{fraction}".rstrip("0").rstrip(".")
    return whole + rest + ("Z" if zone.endswith("00:00") else zone)


def parse(text: str) -> int:
    """Return the nanoseconds since 1970 of a time of `stamp`; 0 for the zero time."""
    return 0 if text.startswith("0001-") else parse_client_time(text)


def parse_client_time(text: str) -> int:
    """Return the nanoseconds since 1970 of a time that a client sends.

    Args:
        text: Unix seconds, RFC 3339 (parts from the right may be missing), or a Go duration before
            now.

    Raises:
        BadParameter: it is none of these.
    """
    if match := _UNIX.fullmatch(text):
        return int(match[1]) * _NS + int((match[2] or "").ljust(9, "0"))
    if match := _STAMP.fullmatch(text):
        return _of_stamp(*match.groups())
    with contextlib.suppress(ValueError):
        return now_ns() - go.parse_duration(text)
    raise BadParameter(f'failed to parse value as time or duration: "{text}"')


def _of_stamp(date: str, clock: str | None, fraction: str | None, zone: str | None) -> int:
    parts = [*(clock or "00").split(":"), "00", "00"][:3]
    offset = "+00:00" if zone in {None, "Z"} else zone
    try:
        moment = go.parse_time(f"{date}T{':'.join(parts)}{offset}")
    except ValueError as error:
        raise BadParameter(f"invalid time {date}: {error}") from error
    whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return whole * _NS + int((fraction or "").ljust(9, "0"))
