"""Applies the `filters` of listings and prunes.

source: moby api/types/filters/parse.go.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Mapping

from ..wire.filters import Filters
from . import clock
from .errors import BadParameter


def refuse_unknown(filters: Filters, known: Collection[str]) -> None:
    """Reject unknown filters.

    Raises:
        BadParameter: with dockerd's message.
    """
    for name in filters:
        if name not in known:
            raise BadParameter(f"invalid filter '{name}'")


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether the text equals a pattern, or contains a match of one."""
    for pattern in patterns:
        with contextlib.suppress(re.error):
            if pattern == text or re.search(pattern, text):
                return True
    return False


def has_labels(labels: Mapping[str, str], wanted: Iterable[str]) -> bool:
    """Whether all labels exist; `wanted` has `key` and `key=value`."""
    return all(_has(labels, label) for label in wanted)


def _has(labels: Mapping[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


def passes_prune(labels: Mapping[str, str], created_ns: int, filters: Filters) -> bool:
    """Whether an object may be pruned, by `label`, `label!` and `until`."""
    if not has_labels(labels, filters.get("label") or []):
        return False
    unwanted = filters.get("label!") or []
    if unwanted and any(_has(labels, label) for label in unwanted):
        return False
    return created_ns < until(filters)


def until(filters: Filters) -> int:
    """Return the time of `until` in nanoseconds since 1970; far in the future if absent.

    Raises:
        BadParameter: it is not a time, or has several values.
    """
    values = filters.get("until") or []
    if len(values) > 1:
        raise BadParameter("more than one until filter specified")
    return clock.parse_client_time(values[0]) if values else 1 << 62


def parse_bool(name: str, values: list[str]) -> bool:
    """Return the value of a boolean filter.

    Raises:
        BadParameter: it is neither true nor false.
    """
    true, false = ({"1", "true"} & {*values}, {"0", "false"} & {*values})
    if bool(true) == bool(false):
        raise BadParameter(f"invalid filter '{name}=[{' '.join(values)}]'")
    return bool(true)
