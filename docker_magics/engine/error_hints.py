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
from docker_magics.phrase import Phrase

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
        Phrase(
            "Options go before the image: what follows the image is the container's command.",
            "옵션은 이미지 이름 앞에 쓰세요. 이미지 이름 뒤는 컨테이너에서 실행할 명령이에요.",
        ),
    ),
    (
        r"container name .* already in use",
        Phrase(
            "Remove it (docker rm -f NAME), or choose another.",
            "docker rm -f 이름으로 지우거나 다른 이름을 쓰세요.",
        ),
    ),
    (
        r"No such container",
        Phrase(
            "List the existing containers: docker ps -a.",
            "있는 컨테이너는 docker ps -a로 볼 수 있어요.",
        ),
    ),
    (
        r"No such image",
        Phrase(
            "List the local images (docker images), or pull it: docker pull NAME.",
            "docker images로 엔진에 있는 이미지를 확인하거나, docker pull 이름으로 받으세요.",
        ),
    ),
    (
        r"pull access denied|repository does not exist",
        Phrase(
            "Check the spelling, or docker login.",
            "이름의 철자를 확인하거나 docker login을 하세요.",
        ),
    ),
    (
        r"no basic auth|[Uu]nauthorized|access to the resource is denied",
        Phrase("Log in: docker login REGISTRY.", "docker login 레지스트리로 로그인하세요."),
    ),
    (
        r"port is already allocated|address already in use",
        Phrase("Publish another host port: -p.", "-p로 호스트의 다른 포트를 쓰세요."),
    ),
    (
        r"is paused|remove a paused",
        Phrase("Unpause it: docker unpause NAME.", "docker unpause 이름으로 다시 실행하세요."),
    ),
    (
        r"cannot be forced",
        Phrase("Stop and remove the container first.", "컨테이너를 먼저 멈추고 지우세요."),
    ),
    (
        r"cannot remove .*running|is running: stop|container is running",
        Phrase("Stop it, or add -f.", "먼저 멈추거나 -f를 붙이세요."),
    ),
    (
        r"is not running",
        Phrase("Start it: docker start NAME.", "docker start 이름으로 시작하세요."),
    ),
    (
        r"network .* not found",
        Phrase(
            "List the networks (docker network ls), or create it.",
            "docker network ls로 네트워크 목록을 보거나 새로 만드세요.",
        ),
    ),
    (
        r"has active endpoints",
        Phrase(
            "Remove its containers, or docker network disconnect them.",
            "연결된 컨테이너를 지우거나 docker network disconnect로 끊으세요.",
        ),
    ),
    (
        r"manifest .*(unknown|not found)",
        Phrase("Check the spelling of the tag.", "태그의 철자를 확인하세요."),
    ),
    (
        r"volume is in use",
        Phrase(
            "Remove the containers that use it: docker ps -a -f volume=NAME.",
            "볼륨을 쓰는 컨테이너를 docker ps -a -f volume=이름으로 찾아 지우세요.",
        ),
    ),
    (
        r"is using its referenced image|image is being used",
        Phrase("Remove the container, or add -f.", "컨테이너를 지우거나 -f를 붙이세요."),
    ),
)

_JOIN = Phrase(
    "Join the docker group (sudo usermod -aG docker $USER), or use another engine.",
    "docker 그룹에 들어가거나(sudo usermod -aG docker $USER) 다른 엔진을 쓰세요.",
)
_START = Phrase(
    "Start it, or set DOCKER_HOST or DOCKER_MAGICS_ENGINE.",
    "엔진을 시작하거나 DOCKER_HOST 또는 DOCKER_MAGICS_ENGINE을 정하세요.",
)


def api_error(status: int, message: str) -> ApiError:
    """Return the error of an HTTP status, with the daemon's message and a hint if one is known."""
    return _BY_STATUS.get(status, ApiError)(message, status=status, hint=hint(message))


def hint(message: str) -> str | None:
    """Return the hint for a daemon's message, if one is known."""
    return next((str(hint) for pattern, hint in _HINTS if re.search(pattern, message)), None)


def unreachable(host: str, error: OSError) -> EngineUnreachable:
    """Return the error that says in one line why nothing answers at `host`."""
    cause = " ".join(str(error).split())[:200]
    if host.startswith("ssh://"):
        return EngineUnreachable(f"no answer from {host}: {cause}")
    if isinstance(error, PermissionError):
        return EngineUnreachable(
            f"permission denied while trying to connect to the docker API at {host}",
            hint=str(_JOIN),
        )
    if isinstance(error, FileNotFoundError):
        socket = host.removeprefix("unix://")
        return EngineUnreachable(
            f"failed to connect to the docker API at {host}; check if the path is correct and if"
            f" the daemon is running: dial unix {socket}: connect: no such file or directory",
            hint=str(_START),
        )
    if isinstance(error, ConnectionRefusedError):
        return EngineUnreachable(
            f"Cannot connect to the Docker daemon at {host}. Is the docker daemon running?",
            hint=str(_START),
        )
    if isinstance(error, ConnectionError):
        return EngineUnreachable(f"the engine at {host} closed the connection")
    return EngineUnreachable(f"no answer from {host}: {cause}")
