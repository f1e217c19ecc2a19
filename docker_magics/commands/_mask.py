"""Requests without what is secret in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_HIDDEN = "•••"
_WORDS = (
    "passw|passphrase|passcode|secret|token|credential|api_?key|private_?key|access_?key|"
    "unlock_?key|ca_?key|_pwd|_pass"
)
_SECRET = re.compile(rf"({_WORDS})|^(auth|pass|pwd|data)$", re.IGNORECASE)
#: `NAME=value` and `--name value` in one text.
_PAIR = re.compile(rf"([\w.-]*(?:{_WORDS})[\w.-]*)(=|: ?)\S+", re.IGNORECASE)
_FLAG = re.compile(rf"--?[\w-]*(?:{_WORDS})[\w-]*", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


def mask(value: Any) -> Any:
    """JSON with dots in the place of passwords, tokens, keys, and data of secrets."""
    if isinstance(value, Mapping):
        return {key: _under(str(key), each) for key, each in value.items()}
    if isinstance(value, list):
        return [
            _HIDDEN if _follows_secret(value, place) else mask(each)
            for place, each in enumerate(value)
        ]
    return _text(value) if isinstance(value, str) else value


def _under(key: str, value: Any) -> Any:
    if _SECRET.search(key) and value and not isinstance(value, Mapping | list):
        return _HIDDEN
    return mask(value)


def _follows_secret(values: list[Any], place: int) -> bool:
    """Whether it is the value of a flag as `--password`, which stands before it."""
    before = values[place - 1] if place else None
    return isinstance(before, str) and bool(_FLAG.fullmatch(before))


def _text(text: str) -> str:
    if text.startswith(("{", "[")):
        try:
            return json.dumps(mask(json.loads(text)), ensure_ascii=False)
        except ValueError:
            pass
    name, equals, _ = text.partition("=")
    if equals and _SECRET.search(name) and re.fullmatch(r"[\w.-]+", name):
        return f"{name}={_HIDDEN}"  # a variable's value may have blanks
    return _IN_URL.sub(f"{_HIDDEN}@", _PAIR.sub(rf"\1\2{_HIDDEN}", text))
