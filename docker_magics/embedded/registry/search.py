"""Search Docker Hub, or another index.

source: Engine API, ImageSearch; moby registry/search.go, the v1 search of an index.
"""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import urlencode

from ...wire import go
from ...wire.filters import Filters
from ..api.untrusted_json import parse_json
from ..errors import ApiError, BadParameter, as_bad_parameter, prefixed
from ..filtering import parse_bool, refuse_unknown
from .credentials import Credentials
from .go_errors import go_message
from .proxies import Connections, is_loopback, read_up_to

_INDEX = "index.docker.io"
_MAX_LIMIT = 100
_MAX_ANSWER = 8 << 20
_TIMEOUT_S = 10.0


class SearchResult(TypedDict, total=False):
    """The API's ImageSearchResponseItem."""

    name: str
    description: str
    star_count: int
    is_official: bool
    is_automated: bool


def search(term: str, limit: int, filters: Filters, credentials: Credentials) -> list[SearchResult]:
    """Search for images.

    Args:
        term: may begin with the host of another index than Docker Hub.
        limit: 1 to 100 results.
        filters: is-automated, is-official, stars.
        credentials: the user's.

    Raises:
        BadParameter: an invalid limit or filter.
        ApiError: the index does not answer.
    """
    if not 1 <= limit <= _MAX_LIMIT:
        raise BadParameter(f"limit {limit} is outside the range of [1, {_MAX_LIMIT}]")
    _check(filters)
    host, _, name = term.partition("/")
    is_host = bool(name) and ("." in host or ":" in host or host == "localhost")
    base, query = (_endpoint(host), name) if is_host else (f"https://{_INDEX}/v1/", term)
    url = f"{base}search?{urlencode({'q': query, 'n': limit})}"
    headers = {"Authorization": credentials.basic} if credentials.basic else {}
    status, data = _get(url, headers)
    if status != 200:
        raise ApiError(f"Unexpected status code {status}")
    try:
        results = parse_json(data)["results"]
        return [result for result in results if _passes(result, filters)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApiError(f"unexpected answer of {base} to a search") from error


def _check(filters: Filters) -> None:
    refuse_unknown(filters, {"is-automated", "is-official", "stars"})
    for key in ("is-automated", "is-official"):
        if key in filters:
            parse_bool(key, filters[key])
    for stars in filters.get("stars") or []:
        with prefixed(f"invalid filter 'stars={stars}'"), as_bad_parameter():
            go.atoi(stars)


def _endpoint(host: str) -> str:
    """Return the base URL of an index: HTTPS, or HTTP if it is on this machine without TLS."""
    plain, secure = f"http://{host}/v1/", f"https://{host}/v1/"
    try:
        _get(f"{secure}_ping")
    except ApiError as error:
        if not is_loopback(host):
            raise ApiError(f"invalid registry endpoint {secure}: {error}") from error
        _ping_plain(plain, error)
        return plain
    return secure


def _ping_plain(url: str, https_error: ApiError) -> None:
    try:
        _get(f"{url}_ping")
    except ApiError as error:
        raise ApiError(
            f'invalid registry endpoint "{url}". HTTPS attempt: {https_error}.'
            f" HTTP attempt: {error}"
        ) from error


def _get(url: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Return the status and the body; an empty one if it is too large."""
    from urllib3.exceptions import HTTPError

    connections = Connections(retries=False, timeout=_TIMEOUT_S)
    try:
        response = connections.request("GET", url, headers=headers, preload_content=False)
        return response.status, read_up_to(response, _MAX_ANSWER) or b""
    except HTTPError as error:
        raise ApiError(f'Get "{url}": {go_message(error, url)}') from error


def _passes(result: SearchResult, filters: Filters) -> bool:
    official, automated = filters.get("is-official"), filters.get("is-automated")
    if official and bool(result.get("is_official")) != (official[0] in {"1", "true"}):
        return False
    if automated and bool(result.get("is_automated")) != (automated[0] in {"1", "true"}):
        return False
    stars = filters.get("stars")
    return not stars or int(result.get("star_count", 0)) >= max(map(int, stars))
