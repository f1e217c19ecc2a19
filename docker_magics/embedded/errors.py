"""What an API call can fail with: dockerd's status code and its words.

source: moby api/server/httpstatus/status.go; the words are those that clients parse.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator

#: What dockerd says outside of a swarm.
NO_SWARM = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to'
    " connect this node to swarm and try again."
)
_log = logging.getLogger(__name__)


class ApiError(Exception):
    """A failed call; the message reaches the client as `{"message": ...}`."""

    status = 500


def as_api_error(error: Exception) -> ApiError:
    """Any error as one of an API call; what is a bug of ours goes to the log too."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ApiError("no space left on device")
    _log.error("%s", error, exc_info=error)
    return ApiError(f"{type(error).__name__}: {error}")


class BadParameter(ApiError):
    """The request makes no sense."""

    status = 400


@contextlib.contextmanager
def as_bad_parameter() -> Iterator[None]:
    """Turn a ValueError, such as those of wire/go.py, into a BadParameter with the same text."""
    try:
        yield
    except ValueError as error:
        raise BadParameter(str(error)) from error


class Unauthorized(ApiError):
    """A registry wants other credentials."""

    status = 401


class Forbidden(ApiError):
    """The request is understood and refused."""

    status = 403


class NotFound(ApiError):
    """No such container, image, network, volume, path."""

    status = 404


class Conflict(ApiError):
    """The state of things does not allow it now."""

    status = 409


class NotModified(ApiError):
    """Things are already as asked; the answer has no body."""

    status = 304


class Unavailable(ApiError):
    """The node is in no swarm, or a helper program is missing."""

    status = 503
