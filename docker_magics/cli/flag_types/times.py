"""Times of --since and --until.

source: moby, api/types/time/timestamp.go: GetTimestamp.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from docker_magics.wire import go

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)


def timestamp(text: str, now: datetime | None = None) -> str:
    """Convert a time, a duration before now, or Unix seconds to Unix seconds.

    Args:
        text: `2024-01-02T15:04:05Z` (time and zone are optional, the default zone is local),
            `10m`, or `1700000000`.
        now: the reference time of durations.

    Raises:
        ValueError: the text has none of these forms.
    """
    now = now or datetime.now(UTC)
    if text != "0":
        try:
            return str(int(now.timestamp() - go.parse_duration(text) / 1e9))
        except ValueError:
            pass
    if match := _TIME.fullmatch(text):
        return _unix(match, text)
    if "-" in text:
        raise ValueError(f'parsing time "{text}": cannot parse it; write 2024-01-02T15:04:05Z')
    if not re.fullmatch(r"[+]?\d+(\.\d+)?", text):
        raise ValueError(f'failed to parse value as time or duration: "{text}"')
    return text


def _unix(match: re.Match[str], text: str) -> str:
    clock = ":".join(match[part] or "00" for part in ("hour", "minute", "second"))
    zone = (match["zone"] or "").replace("Z", "+00:00")
    try:
        when = go.parse_time(f"{match['date']}T{clock}{zone}")
    except ValueError as error:
        part = str(error).partition(" ")[0]  # `day is out of range for month`
        raise ValueError(f'parsing time "{text}": {part} out of range') from None
    nanos = (match["fraction"] or "").ljust(9, "0")[:9]
    return f"{int(when.timestamp())}.{nanos}"
