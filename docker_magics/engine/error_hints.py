"""What an engine's refusal means, and what to do next."""

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

#: (words of the daemon, what to do next); the first that fits is shown.
_HINTS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(words), hint)
    for words, hint in (
        (r"container name .* already in use", "Remove it (docker rm -f NAME), or choose another."),
        (r"No such container", "docker ps -a lists the containers that exist."),
        (r"No such image", "docker images lists what is here; docker pull NAME fetches it."),
        (r"pull access denied|repository does not exist", "Check the spelling, or docker login."),
        (
            r"no basic auth|[Uu]nauthorized|access to the resource is denied",
            "docker login REGISTRY.",
        ),
        (r"port is already allocated|address already in use", "Publish another host port: -p."),
        (r"cannot remove .*running|is running: stop|container is running", "Stop it, or add -f."),
        (r"is not running", "Start it: docker start NAME."),
        (r"network .* not found", "docker network ls lists them; docker network create NAME."),
        (r"has active endpoints", "Remove its containers, or docker network disconnect them."),
        (r"manifest .*(unknown|not found)", "There is no such tag: check its spelling."),
        (r"volume is in use", "Remove the containers that use it: docker ps -a -f volume=NAME."),
        (r"is using its referenced image|image is being used", "Remove the container, or add -f."),
    )
]


def api_error(status: int, message: str) -> ApiError:
    """The error of a status, with the daemon's words and a next step where one is known."""
    return _BY_STATUS.get(status, ApiError)(message, status=status, hint=hint(message))


def hint(message: str) -> str | None:
    """What to do about an engine's message, where that is known."""
    return next((hint for words, hint in _HINTS if words.search(message)), None)


def unreachable(host: str, error: BaseException) -> EngineUnreachable:
    """Why nothing answers at `host`, in one line."""
    if host.startswith("ssh://"):
        return EngineUnreachable(f"no answer from {host}: {_innermost(error)}")
    cause = str(error)
    if "Permission denied" in cause or "PermissionError" in cause:
        return EngineUnreachable(
            f"permission denied on {host}",
            hint="Join the docker group (sudo usermod -aG docker $USER), or use another engine.",
        )
    if (
        "FileNotFoundError" in cause
        or "Connection refused" in cause
        or "ConnectionRefused" in cause
    ):
        return EngineUnreachable(
            f"Cannot connect to the Docker daemon at {host}. Is the docker daemon running?",
            hint="Start it, or set DOCKER_HOST or DOCKER_MAGICS_ENGINE.",
        )
    if "reset by peer" in cause or "Connection aborted" in cause:
        return EngineUnreachable(f"the engine at {host} ended the connection")
    return EngineUnreachable(f"no answer from {host}: {cause.splitlines()[0][:200]}")


def _innermost(error: BaseException) -> str:
    """The words of what an error is about in the end, in one line."""
    while inner := [each for each in error.args if isinstance(each, BaseException)]:
        error = inner[0]
    return " ".join(str(error).split())
