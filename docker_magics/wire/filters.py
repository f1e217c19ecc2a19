"""The `filters` query of list, prune and events requests: a JSON map of map of true.

source: Engine API, `filters` parameters; moby api/types/filters/parse.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

Filters = dict[str, list[str]]


class FilterError(ValueError):
    """The text is no filter."""


def encode(filters: Mapping[str, Iterable[str]]) -> str:
    """Filters as the docker CLI sends them: compact, keys sorted as Go sorts a map's.

    Example: `{"status": ["exited"]}` gives `{"status":{"exited":true}}`.
    """
    as_map = {key: dict.fromkeys(sorted(values), True) for key, values in sorted(filters.items())}
    return json.dumps(as_map, separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> Filters:
    """Read the query's text; lists, the form of API 1.21 and older, are taken too.

    Raises:
        FilterError: the text is no such JSON.
    """
    try:
        parsed = json.loads(text) if text else {}
    except ValueError as error:
        raise FilterError("invalid filter") from error
    if not isinstance(parsed, dict):
        raise FilterError("invalid filter")
    return {key: _values(values) for key, values in parsed.items()}


def _values(values: object) -> list[str]:
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return list(values)
    if isinstance(values, dict) and all(isinstance(on, bool) for on in values.values()):
        return [value for value, on in values.items() if on]
    raise FilterError("invalid filter")
