"""Files of the web: what ADD, a build's context and an import may come from.

source: moby builder/remotecontext/remote.go.
"""

from __future__ import annotations

from ..errors import ApiError
from .client import go_words
from .proxies import Connections

_TIMEOUT_S = 60
#: How much is told of what a server says of a failure, in bytes.
_MOST_SAID = 4096


def fetch(url: str, doing: str = "") -> tuple[bytes, str]:
    """What is behind a URL, and its type.

    Args:
        url: its address.
        doing: what fails where it cannot be had, with a colon.

    Raises:
        ApiError: it cannot be had.
    """
    from urllib3.exceptions import HTTPError

    try:
        response = Connections(retries=2, timeout=_TIMEOUT_S).request("GET", url)
    except HTTPError as error:
        raise ApiError(f'{doing}Get "{url}": {go_words(error, url)}') from error
    if response.status >= 400:
        status = f"{response.status} {response.reason}"
        said = response.data[:_MOST_SAID].decode(errors="replace").strip()
        raise ApiError(f"{doing}failed to GET {url} with status {status}: {said}")
    return response.data, response.headers.get("Content-Type") or ""
