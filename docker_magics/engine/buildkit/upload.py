"""The Pull call: BuildKit fetches a build context that is a tar, by a URL of the session.

source: moby/buildkit, session/upload/upload.proto, session/upload/uploadprovider/provider.go.
"""

from __future__ import annotations

import gzip

from docker_magics.engine.buildkit.protobuf import encode

PULL = "/moby.upload.v1.Upload/Pull"
#: The beginning of URLs that BuildKit fetches over the session.
URL = "http://buildkit-session/"
_CHUNK = 1024 * 1024
#: The place of an entry's type in a tar, and the types of extended headers.
_TYPE, _EXTENDED = slice(156, 157), (b"x", b"g")


def recognizable(archive: bytes) -> bytes:
    """Return a tar that BuildKit does not take for a Dockerfile.

    It looks for an entry in the first 1024 bytes: a tar that begins with an extended header, as
    Python's do, is compressed.

    source: moby/buildkit, frontend/dockerui/context.go: DetectHTTPContext.
    """
    return gzip.compress(archive, 1) if archive[_TYPE] in _EXTENDED else archive


class Pull:
    """Sends a tar."""

    def __init__(self, archive: bytes) -> None:
        self._rest = memoryview(recognizable(archive))

    def receive(self, message: bytes) -> None:
        """Do nothing: the request has no message."""

    def end_receiving(self) -> None:
        """Do nothing: the request has no message."""

    def next_message(self) -> bytes | None:
        """Return the next piece."""
        piece, self._rest = self._rest[:_CHUNK], self._rest[_CHUNK:]
        return encode({1: bytes(piece)}) if piece else None

    @property
    def finished(self) -> bool:
        """Whether all is sent."""
        return not self._rest

    def close(self) -> None:
        """Drop the rest."""
        self._rest = self._rest[:0]
