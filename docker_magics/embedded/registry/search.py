"""Searching Docker Hub.

source: Engine API, ImageSearch; the v1 search of an index.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import ApiError, BadParameter
from ..filtering import refuse_unknown, truth
from .client import go_words
from .proxies import Connections, is_loopback

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from ...wire.filters import Filters
    from .credentials import Credentials

_INDEX = "index.docker.io"
_MOST = 100


def search(
    term: str, limit: int, filters: Filters, credentials: Credentials
) -> list[dict[str, Any]]:
    """The images that a registry finds.

    Raises:
        BadParameter: a limit or a filter that cannot be.
        ApiError: the registry does not answer.
    """
    if not 1 <= limit <= _MOST:
        raise BadParameter(f"Limit {limit} is outside the range of [1, {_MOST}]")
    _check(filters)
    host, _, name = term.partition("/")
    is_host = bool(name) and ("." in host or ":" in host or host == "localhost")
    base, words = (_endpoint(host), name) if is_host else (f"https://{_INDEX}/v1/", term)
    url = f"{base}search?{urlencode({'q': words, 'n': limit})}"
    headers = {"Authorization": credentials.basic} if credentials.basic else {}
    response = _get(url, headers)
    if response.status != 200:
        raise ApiError(f"Unexpected status code {response.status}")
    try:
        found = json.loads(response.data)["results"]
    except (ValueError, KeyError) as error:
        raise ApiError(f"unexpected answer of {base} to a search") from error
    return [each for each in found if _passes(each, filters)]


def _check(filters: Filters) -> None:
    refuse_unknown(filters, {"is-automated", "is-official", "stars"})
    for key in ("is-automated", "is-official"):
        if key in filters:
            truth(key, filters[key])
    for stars in filters.get("stars") or []:
        if not re.fullmatch(r"[+-]?\d+", stars):
            raise BadParameter(f"Invalid filter 'stars={stars}'")


def _endpoint(host: str) -> str:
    """The index of a registry: over plain HTTP where it is on this machine and has no TLS."""
    plain, secure = f"http://{host}/v1/", f"https://{host}/v1/"
    try:
        _get(f"{secure}_ping")
    except ApiError as fault:
        if not is_loopback(host):
            raise ApiError(f"invalid registry endpoint {secure}: {fault}") from fault
        _ping(plain, fault)
        return plain
    return secure


def _ping(plain: str, before: ApiError) -> None:
    try:
        _get(f"{plain}_ping")
    except ApiError as fault:
        raise ApiError(f'invalid registry endpoint "{plain}". HTTPS attempt: {before}. HTTP attempt: {fault}') from fault  # fmt: skip  # noqa: E501


def _get(url: str, headers: dict[str, str] | None = None) -> BaseHTTPResponse:
    from urllib3.exceptions import HTTPError

    try:
        return Connections(retries=False, timeout=10.0).request("GET", url, headers=headers)
    except HTTPError as error:
        raise ApiError(f'Get "{url}": {go_words(error, url)}') from error


def _passes(found: dict[str, Any], filters: Filters) -> bool:
    for key in ("is-automated", "is-official"):
        values = filters.get(key)
        if values and bool(found.get(key.replace("-", "_"))) != (values[0] in {"1", "true"}):
            return False
    stars = filters.get("stars")
    return not stars or int(found.get("star_count", 0)) >= max(map(int, stars))
