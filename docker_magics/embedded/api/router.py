"""Route tables: method and path -> handler.

Each folder has its table in its `routes.py`, as moby has in api/server/router.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .. import API_VERSION, MIN_API_VERSION
from ..errors import BadParameter, NotFound
from .messages import Request, Response

Handler = Callable[[Request], Response]
_VERSIONED = re.compile(r"/v(\d{1,9})\.(\d{1,9})(/.*)")
_PARAMETER = re.compile(r"\\\{(\w+)(:\\\.\\\*)?\\\}")


@dataclass(frozen=True)
class Route:
    """A line of a table.

    Attributes:
        method: GET, POST, ...
        path: such as `/containers/{name}/json`; `{name:.*}` also matches slashes.
        handler: takes the request, returns the response.
    """

    method: str
    path: str
    handler: Handler
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        def group(match: re.Match[str]) -> str:
            return f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})"

        pattern = re.compile(_PARAMETER.sub(group, re.escape(self.path)), re.DOTALL)
        object.__setattr__(self, "pattern", pattern)


class Router:
    """Finds and calls the handler of a request.

    Args:
        tables: of all folders; the first route that matches is used.
    """

    def __init__(self, tables: Iterable[Iterable[Route]]) -> None:
        self._routes = [route for table in tables for route in table]

    def answer(self, request: Request) -> Response:
        """Return the response of a request's handler.

        Raises:
            BadParameter: the API version is too old or too new.
            NotFound: no route matches.
            ApiError: the handler's error.
        """
        if match := _VERSIONED.fullmatch(request.path):
            request.version = _check_version(int(match[1]), int(match[2]))
            request.path = match[3]
        method = "GET" if request.method == "HEAD" else request.method
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method in {method, request.method}:
                request.params = match.groupdict()
                return route.handler(request)
        raise NotFound("page not found")


def _check_version(major: int, minor: int) -> tuple[int, int]:
    version = (major, minor)
    if version < _numbers(MIN_API_VERSION):
        raise BadParameter(
            f"client version {major}.{minor} is too old. Minimum supported API version is "
            f"{MIN_API_VERSION}, please upgrade your client to a newer version"
        )
    if version > _numbers(API_VERSION):
        raise BadParameter(
            f"client version {major}.{minor} is too new. "
            f"Maximum supported API version is {API_VERSION}"
        )
    return version


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
