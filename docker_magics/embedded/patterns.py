"""Shell patterns of Go's path.Match: a star does not match slashes.

source: Go, path/match.go.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..wire import stars
from .errors import BadParameter

_TOKEN = re.compile(
    r"(?P<star>\*)|(?P<any>\?)|\[(?P<not>\^?)(?P<set>(?:\\.|[^\]\\])+)\]|\\(?P<escaped>.)|(?P<plain>[^\[\\])",
    re.DOTALL,
)
#: Characters that are special in Python's sets, but not in Go's.
_SET_SPECIAL = re.compile(r"(?<!\\)([\[&|~^])")


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern matches the whole name.

    Raises:
        BadParameter: its syntax is wrong.
    """
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces, at = [""], 0  # what is between the stars
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise BadParameter("syntax error in pattern")
        if token["star"]:
            pieces.append("")
        else:
            pieces[-1] += _expression(token)
        at = token.end()
    try:
        return re.compile(stars.join(pieces, "[^/]*"), re.DOTALL)
    except re.error:
        raise BadParameter("syntax error in pattern") from None


def _expression(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "any":
            return "[^/]"
        case "set":
            members = _SET_SPECIAL.sub(r"\\\1", token["set"])
            return f"[{token['not']}{members}]"
        case "escaped":
            return re.escape(token["escaped"])
    return re.escape(token[0])
