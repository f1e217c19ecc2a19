"""Download files: the sources of ADD, of a build's context and of an import.

source: moby builder/remotecontext/remote.go.
"""

from __future__ import annotations

from ...wire import go
from ..errors import ApiError, BadParameter
from .go_errors import go_message
from .proxies import Connections, read_up_to

_TIMEOUT_S = 60
#: The bytes of a server's error message that are repeated.
_MAX_MESSAGE = 4096
_MAX_DOWNLOAD = 1 << 30


def fetch(url: str, prefix: str = "") -> tuple[bytes, str]:
    """Return the content of a URL, and its media type (empty if the server states none).

    Args:
        url: the address.
        prefix: begins the message of an error.

    Raises:
        BadParameter: the URL has control characters.
        ApiError: the server does not answer, refuses, or sends more than 1 GiB.
    """
    from urllib3.exceptions import HTTPError

    if not url.isprintable():
        raise BadParameter(f"parse {go.quote(url)}: net/url: invalid control character in URL")
    connections = Connections(retries=2, timeout=_TIMEOUT_S)
    try:
        with connections.request("GET", url, preload_content=False) as response:
            if response.status >= 400:
                status = f"{response.status} {response.reason}"
                message = response.read(_MAX_MESSAGE).decode(errors="replace").strip()
                raise ApiError(f"{prefix}failed to GET {url} with status {status}: {message}")
            data = read_up_to(response, _MAX_DOWNLOAD)
    except HTTPError as error:
        raise ApiError(f'{prefix}Get "{url}": {go_message(error, url)}') from error
    if data is None:
        raise ApiError(f"{prefix}cannot download {url}: more than {_MAX_DOWNLOAD} bytes")
    return data, response.headers.get("Content-Type") or ""
