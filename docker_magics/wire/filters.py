"""The `filters` query of list, prune and events requests: JSON of {key: {value: true}}.

source: Engine API, `filters` parameters; moby api/types/filters/parse.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

Filters = dict[str, list[str]]


class FilterError(ValueError):
    """The text is not a valid filter."""


def encode(filters: Mapping[str, Iterable[str]]) -> str:
    """Encode filters as the docker CLI does: compact JSON with sorted keys, as Go writes maps.

    Example: `{"status": ["exited"]}` becomes `{"status":{"exited":true}}`.
    """
    as_map = {key: dict.fromkeys(sorted(values), True) for key, values in sorted(filters.items())}
    return json.dumps(as_map, separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> Filters:
    """Decode the query; also the lists of API 1.21 and older: `{"status": ["exited"]}`.

    Raises:
        FilterError: the text is not a valid filter.
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
