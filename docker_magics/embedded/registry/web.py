"""Download files: the sources of ADD, of a build's context and of an import.

source: moby builder/remotecontext/remote.go.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from ...wire import digest, go
from ..errors import ApiError, BadParameter, full_disk_as_api_error
from ..images.disk_room import Disk
from .cancellation import Cancellation
from .go_errors import go_message
from .proxies import Connections

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

_TIMEOUT_S = 60
#: The bytes of a server's error message that are repeated.
_MAX_MESSAGE = 4096
_MAX_DOWNLOAD = 8 << 30
_PIECE = 1 << 20


class Download:
    """The content of a URL, in a temporary file.

    Attributes:
        media_type: as the server states it; empty if it does not.
        size: in bytes.
        digest: of the content.
    """

    def __init__(self, file: IO[bytes], media_type: str, content_digest: str) -> None:
        self._file = file
        self.media_type = media_type
        self.size = file.tell()
        self.digest = content_digest

    def open(self) -> BinaryIO:
        """Open the file at its beginning."""
        return open(f"/proc/self/fd/{self._file.fileno()}", "rb")


@contextlib.contextmanager
def download(
    url: str, tmp: Path, cancellation: Cancellation, prefix: str = ""
) -> Iterator[Download]:
    """Download the content of a URL; remove it at the end of the block.

    Args:
        url: the address.
        tmp: a folder for the file.
        cancellation: once set, the download fails.
        prefix: begins the message of an error.

    Raises:
        BadParameter: the URL has control characters.
        ApiError: the server does not answer, refuses, or sends more than 8 GiB; the disk is full.
        Cancelled: the download is cancelled.
    """
    with tempfile.TemporaryFile(dir=tmp, buffering=0) as file:
        yield _fetch(url, file, tmp, cancellation, prefix)


def _fetch(
    url: str, file: IO[bytes], tmp: Path, cancellation: Cancellation, prefix: str
) -> Download:
    from urllib3 import Retry
    from urllib3.exceptions import HTTPError

    if not url.isprintable():
        raise BadParameter(f"parse {go.quote(url)}: net/url: invalid control character in URL")
    retries = Retry(2, respect_retry_after_header=False)  # a server may ask for days
    connections = Connections(cancellation.check, retries=retries, timeout=_TIMEOUT_S)
    try:
        with connections.request("GET", url, preload_content=False) as response:
            if response.status >= 400:
                status = f"{response.status} {response.reason}"
                message = response.read(_MAX_MESSAGE).decode(errors="replace").strip()
                raise ApiError(f"{prefix}failed to GET {url} with status {status}: {message}")
            content_digest = _store(response, file, Disk(tmp))
    except HTTPError as error:
        raise ApiError(f'{prefix}Get "{url}": {go_message(error, url)}') from error
    if content_digest is None:
        raise ApiError(f"{prefix}cannot download {url}: more than {_MAX_DOWNLOAD} bytes")
    return Download(file, response.headers.get("Content-Type") or "", content_digest)


def _store(response: BaseHTTPResponse, file: IO[bytes], disk: Disk) -> str | None:
    """Write the body of a response to a file; return its digest, None if it is too large."""
    hashed = hashlib.sha256()
    while piece := response.read(_PIECE):
        if file.tell() + len(piece) > _MAX_DOWNLOAD:
            response.close()
            return None
        disk.count(len(piece))
        hashed.update(piece)
        with full_disk_as_api_error():
            file.write(piece)
    return digest.PREFIX + hashed.hexdigest()
