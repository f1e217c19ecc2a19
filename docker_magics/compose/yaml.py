"""Writes YAML: mappings and lists in block style, texts in double quotes, as in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.-]*")
#: Keys that YAML 1.1 reads as booleans.
_BOOLEANS = frozenset({"no", "off", "on", "yes", "n", "y", "true", "false", "null"})


def dump(value: Mapping[str, Any]) -> str:
    """Return a mapping of str, int, bool, None, lists and mappings as YAML."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _item(f"{_key(name)}:", item)
    else:
        for item in value:
            lines = list(_lines(item)) if _is_block(item) else [_scalar(item)]
            yield f"- {lines[0]}"
            yield from (f"  {line}" for line in lines[1:])


def _item(head: str, item: Any) -> Iterator[str]:
    if isinstance(item, str) and "\n" in item.strip("\n"):
        yield f"{head} |" if item.endswith("\n") else f"{head} |-"
        yield from (f"  {line}".rstrip() for line in item.rstrip("\n").split("\n"))
    elif _is_block(item):
        yield head
        yield from (f"  {line}" for line in _lines(item))
    else:
        yield f"{head} {_scalar(item)}"


def _is_block(item: Any) -> bool:
    return isinstance(item, (Mapping, list)) and bool(item)


def _scalar(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False)


def _key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and (name == "on" or name.lower() not in _BOOLEANS)
    return name if plain else json.dumps(name, ensure_ascii=False)
