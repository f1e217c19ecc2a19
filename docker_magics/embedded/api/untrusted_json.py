"""JSON that clients, archives and registries send."""

from __future__ import annotations

import json
from typing import Any

from ..errors import BadParameter


def parse_json(data: bytes | str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is not JSON.
        BadParameter: it is nested more deeply than Python can decode.
    """
    try:
        return json.loads(data)
    except RecursionError:
        raise BadParameter("invalid JSON: exceeded max depth") from None
