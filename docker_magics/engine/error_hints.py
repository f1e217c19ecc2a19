"""Hints for common daemon errors."""

from __future__ import annotations

import re

from docker_magics.errors import (
    ApiError,
    BadRequest,
    Conflict,
    EngineUnreachable,
    NotFound,
    Unauthorized,
)

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    409: Conflict,
}

#: (pattern of the daemon's message, hint); the first match is shown.
_HINTS = (
    (
        r'exec: "-',
        "Options go before the image: what follows the image is the container's command.",
    ),
    (r"container name .* already in use", "Remove it (docker rm -f NAME), or choose another."),
    (r"No such container", "List the existing containers: docker ps -a."),
    (r"No such image", "List the local images (docker images), or pull it: docker pull NAME."),
    (r"pull access denied|repository does not exist", "Check the spelling, or docker login."),
    (
        r"no basic auth|[Uu]nauthorized|access to the resource is denied",
        "Log in: docker login REGISTRY.",
    ),
    (r"port is already allocated|address already in use", "Publish another host port: -p."),
    (r"cannot remove .*running|is running: stop|container is running", "Stop it, or add -f."),
    (r"is not running", "Start it: docker start NAME."),
    (
        r"network .* not found",
        "List the networks (docker network ls), or create it.",
    ),
    (r"has active endpoints", "Remove its containers, or docker network disconnect them."),
    (r"manifest .*(unknown|not found)", "Check the spelling of the tag."),
    (r"volume is in use", "Remove the containers that use it: docker ps -a -f volume=NAME."),
    (r"is using its referenced image|image is being used", "Remove the container, or add -f."),
)

_START = "Start it, or set DOCKER_HOST or DOCKER_MAGICS_ENGINE."


def api_error(status: int, message: str) -> ApiError:
    """Return the error of an HTTP status, with the daemon's message and a hint if one is known."""
    return _BY_STATUS.get(status, ApiError)(message, status=status, hint=hint(message))


def hint(message: str) -> str | None:
    """Return the hint for a daemon's message, if one is known."""
    return next((hint for pattern, hint in _HINTS if re.search(pattern, message)), None)


def unreachable(host: str, error: OSError) -> EngineUnreachable:
    """Return the error that says in one line why nothing answers at `host`."""
    cause = " ".join(str(error).split())[:200]
    if host.startswith("ssh://"):
        return EngineUnreachable(f"no answer from {host}: {cause}")
    if isinstance(error, PermissionError):
        return EngineUnreachable(
            f"permission denied while trying to connect to the docker API at {host}",
            hint="Join the docker group (sudo usermod -aG docker $USER), or use another engine.",
        )
    if isinstance(error, FileNotFoundError):
        socket = host.removeprefix("unix://")
        return EngineUnreachable(
            f"failed to connect to the docker API at {host}; check if the path is correct and if"
            f" the daemon is running: dial unix {socket}: connect: no such file or directory",
            hint=_START,
        )
    if isinstance(error, ConnectionRefusedError):
        return EngineUnreachable(
            f"Cannot connect to the Docker daemon at {host}. Is the docker daemon running?",
            hint=_START,
        )
    if isinstance(error, ConnectionError):
        return EngineUnreachable(f"the engine at {host} closed the connection")
    return EngineUnreachable(f"no answer from {host}: {cause}")
