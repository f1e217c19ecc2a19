"""The errors of API calls, each with dockerd's status code.

source: moby api/server/httpstatus/status.go. Clients parse the messages, which are dockerd's.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator

#: dockerd's message outside of a swarm.
NO_SWARM = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to'
    " connect this node to swarm and try again."
)
_DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}
#: It ends with the kernel's words, as dockerd's messages do.
DISK_FULL = "cannot write to the disk: no space left on device"
_log = logging.getLogger(__name__)


class ApiError(Exception):
    """A failed call; the message reaches the client as `{"message": ...}`."""

    status = 500


@contextlib.contextmanager
def prefixed(doing: str) -> Iterator[None]:
    """Put what is being done before the messages of the block's ApiErrors."""
    try:
        yield
    except ApiError as error:
        raise type(error)(f"{doing}: {error}") from error


def as_api_error(error: Exception) -> ApiError:
    """Return any error as an ApiError; log those that are bugs."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, OSError) and error.errno in _DISK_IS_FULL:
        return ApiError(DISK_FULL)
    if isinstance(error, RecursionError):
        return BadParameter("cannot process folders or values that are nested so deeply")
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return BadParameter("file name too long")
    if isinstance(error, ValueError) and "embedded null" in str(error):  # of a path
        return BadParameter("invalid argument: a name or path contains NUL")
    _log.error("%s", error, exc_info=error)
    return ApiError(f"{type(error).__name__}: {error}")


class BadParameter(ApiError):
    """The request is invalid."""

    status = 400


@contextlib.contextmanager
def as_bad_parameter() -> Iterator[None]:
    """Turn a ValueError, such as those of wire/go.py, into a BadParameter with its message."""
    try:
        yield
    except ValueError as error:
        raise BadParameter(str(error)) from error


@contextlib.contextmanager
def full_disk_as_api_error() -> Iterator[None]:
    """Turn the OSError of a full disk into an ApiError."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_IS_FULL:
            raise
        raise as_api_error(error) from error


class Unauthorized(ApiError):
    """A registry rejects the credentials."""

    status = 401


class Forbidden(ApiError):
    """The request is valid, but refused."""

    status = 403


class NotFound(ApiError):
    """No such container, image, network, volume or path."""

    status = 404


class Conflict(ApiError):
    """The state of the object does not allow it."""

    status = 409


class NotModified(ApiError):
    """The object is already in the requested state; the response has no body."""

    status = 304


class Unavailable(ApiError):
    """The node is not in a swarm, or a helper program is missing."""

    status = 503
