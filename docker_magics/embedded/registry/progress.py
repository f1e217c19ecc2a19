"""The API's messages about layers on their way from or to a registry.

source: moby pkg/jsonmessage, distribution/xfer.
"""

from __future__ import annotations

from typing import Any

from ...wire import digest

#: A line of the API's progress: `status`, `progressDetail` and `id`, or `aux`.
Message = dict[str, Any]


def layer_message(name: str, status: str, **detail: int) -> Message:
    """Return a message about a layer.

    Args:
        name: its digest or its diff ID.
        status: Downloading, Pull complete, Pushed, ...
        detail: current and total, in bytes.
    """
    return {"status": status, "progressDetail": detail, "id": digest.short(name)}
