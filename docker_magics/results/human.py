"""Format sizes and times as docker does.

source: github.com/docker/go-units, size.go.
"""

from __future__ import annotations

import re
import time as clock
from typing import TYPE_CHECKING, Any

from docker_magics.wire import go

if TYPE_CHECKING:
    from datetime import datetime

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def size(count: float, precision: int = 3) -> str:
    """Format bytes in powers of 1000: `1.98MB`."""
    return _scaled(count, 1000.0, _DECIMAL, precision)


def binary_size(count: float) -> str:
    """Format bytes in powers of 1024, with four digits: `23.54GiB`."""
    return _scaled(count, 1024.0, _BINARY, 4)


def _scaled(count: float, base: float, units: tuple[str, ...], precision: int) -> str:
    value, place = float(count), 0
    while value >= base and place < len(units) - 1:
        value /= base
        place += 1
    return f"{value:.{precision}g}{units[place]}"


def ago(time: Any) -> str:
    """Format the age of Unix seconds, a datetime or a pandas Timestamp; `N/A` for None and NaT."""
    if time is None or time != time:  # noqa: PLR0124 - pandas' NaT is unequal to itself
        return "N/A"
    seconds = time if isinstance(time, int | float) else time.timestamp()
    return go.human_duration(clock.time() - seconds) + " ago"


def ago_rfc3339(text: str) -> str:
    """Format the age of an RFC 3339 text of the engine; `N/A` for docker's year 1."""
    from .table import parse_times

    return ago(parse_times([text])[0])


def go_time(time: datetime) -> str:
    """Format a time as Go prints it: `2026-11-24 15:03:00 +0000 UTC`."""
    try:
        local = time.astimezone()
    except OverflowError:  # in year 1 or 9999
        local = time
    fraction = f".{local.microsecond:06}".rstrip("0") if local.microsecond else ""
    return f"{local.year:04}-{local:%m-%d %H:%M:%S}{fraction} {local:%z %Z}"


def go_time_unix(seconds: float) -> str:
    """Format Unix seconds as Go prints the time; years after 9999 as the end of 9999."""
    from datetime import UTC, datetime

    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError):
        time = datetime.max.replace(microsecond=0, tzinfo=UTC)
    return go_time(time)


def go_time_rfc3339(text: str) -> str:
    """Format an RFC 3339 text of the engine as Go prints it, with its nanoseconds."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T([\d:]+)(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    if match is None:
        return text
    date, clock, fraction, zone = match.groups()
    offset = "+0000 UTC" if zone == "Z" else zone.replace(":", "") + " " + zone.replace(":", "")
    return f"{date} {clock}{(fraction or '').rstrip('0').rstrip('.')} {offset}"


def natural(text: str) -> list[tuple[str, int]]:
    """Return a sort key that orders web2 before web10.

    source: github.com/fvbommel/sortorder, natsort.go.
    """
    return [(prefix, int(number or 0)) for prefix, number in re.findall(r"(\D*)(\d*)", text)]


def percent(value: float) -> str:
    """Format a percentage: `0.15%`."""
    return f"{value:.2f}%"


def ellipsis(text: str, length: int) -> str:
    """Shorten a text to `length` characters, the last of them an ellipsis.

    source: docker/cli, cli/command/formatter/displayutils.go: Ellipsis.
    """
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def short_id(identity: str) -> str:
    """Return the first twelve digits of an ID, without its algorithm."""
    return identity.partition(":")[2][:12] if ":" in identity else identity[:12]


def short_ids(text: str) -> str:
    """Shorten all IDs in a text to twelve digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", text)
