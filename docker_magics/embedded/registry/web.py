"""Download files: the sources of ADD, of a build's context and of an import.

source: moby builder/remotecontext/remote.go.
"""

from __future__ import annotations

from ..errors import ApiError
from .go_errors import go_message
from .proxies import Connections

_TIMEOUT_S = 60
#: The bytes of a server's error message that are repeated.
_MAX_MESSAGE = 4096


def fetch(url: str, prefix: str = "") -> tuple[bytes, str]:
    """Return the content of a URL, and its media type (empty if the server states none).

    Args:
        url: the address.
        prefix: begins the message of an error.

    Raises:
        ApiError: the server does not answer, or refuses.
    """
    from urllib3.exceptions import HTTPError

    try:
        response = Connections(retries=2, timeout=_TIMEOUT_S).request("GET", url)
    except HTTPError as error:
        raise ApiError(f'{prefix}Get "{url}": {go_message(error, url)}') from error
    if response.status >= 400:
        status = f"{response.status} {response.reason}"
        message = response.data[:_MAX_MESSAGE].decode(errors="replace").strip()
        raise ApiError(f"{prefix}failed to GET {url} with status {status}: {message}")
    return response.data, response.headers.get("Content-Type") or ""
