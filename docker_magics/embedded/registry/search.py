"""Searching Docker Hub.

source: Engine API, ImageSearch; the v1 search of an index.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import BadParameter, Fault
from ..filtering import refuse_unknown

if TYPE_CHECKING:
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
        Fault: the registry does not answer.
    """
    from urllib3 import PoolManager
    from urllib3.exceptions import HTTPError

    if not 1 <= limit <= _MOST:
        raise BadParameter(f"Limit {limit} is outside the range of [1, {_MOST}]")
    refuse_unknown(filters, {"is-automated", "is-official", "stars"})
    host, _, name = term.partition("/")
    is_host = bool(name) and ("." in host or ":" in host or host == "localhost")
    server, words = (host, name) if is_host else (_INDEX, term)
    url = f"https://{server}/v1/search?{urlencode({'q': words, 'n': limit})}"
    headers = {"Authorization": credentials.basic} if credentials.basic else {}
    try:
        response = PoolManager(retries=False, timeout=10.0).request("GET", url, headers=headers)
        found = json.loads(response.data)["results"]
    except HTTPError as error:
        raise Fault(f'Get "{url}": {error}') from error
    except (ValueError, KeyError) as error:
        raise Fault(f"unexpected answer of {server} to a search") from error
    return [each for each in found if _passes(each, filters)]


def _passes(found: dict[str, Any], filters: Filters) -> bool:
    for key in ("is-automated", "is-official"):
        values = filters.get(key)
        if values and bool(found.get(key.replace("-", "_"))) != (values[0] in {"1", "true"}):
            return False
    stars = filters.get("stars")
    return not stars or int(found.get("star_count", 0)) >= max(map(int, stars))
