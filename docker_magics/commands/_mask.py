"""Masking (redaction) of secrets in recorded requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_HIDDEN = "•••"
_NAMES = (
    "passw|passphrase|passcode|secret|token|credential|api_?key|private_?key|access_?key|"
    "unlock_?key|ca_?key|_pwd|_pass"
)
_SECRET = re.compile(rf"({_NAMES})|^(auth|pass|pwd|data)$", re.IGNORECASE)
#: `NAME=value` and `--name value` in one text.
_PAIR = re.compile(rf"([\w.-]*(?:{_NAMES})[\w.-]*)(=|: ?)\S+", re.IGNORECASE)
_FLAG = re.compile(rf"--?[\w-]*(?:{_NAMES})[\w-]*", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


def mask(value: Any) -> Any:
    """Return a JSON value with passwords, tokens, keys and data of secrets replaced by dots."""
    if isinstance(value, Mapping):
        return {key: _mask_field(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [
            _HIDDEN if _follows_secret(value, index) else mask(item)
            for index, item in enumerate(value)
        ]
    return _text(value) if isinstance(value, str) else value


def _mask_field(key: str, value: Any) -> Any:
    if _SECRET.search(key) and value and not isinstance(value, Mapping | list):
        return _HIDDEN
    return mask(value)


def _follows_secret(values: list[Any], index: int) -> bool:
    """Whether the element before is a flag such as `--password`."""
    before = values[index - 1] if index else None
    return isinstance(before, str) and bool(_FLAG.fullmatch(before))


def _text(text: str) -> str:
    if text.startswith(("{", "[")):
        try:
            return json.dumps(mask(json.loads(text)), ensure_ascii=False)
        except ValueError:
            pass
    name, equals, _ = text.partition("=")
    if equals and _SECRET.search(name) and re.fullmatch(r"[\w.-]+", name):
        return f"{name}={_HIDDEN}"  # the value may contain spaces
    return _IN_URL.sub(f"{_HIDDEN}@", _PAIR.sub(rf"\1\2{_HIDDEN}", text))
