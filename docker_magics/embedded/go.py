"""Values as Go reads them, refused in its words.

source: Go strconv; docker/go-units.
"""

from __future__ import annotations

import re

from .errors import BadParameter

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}
_SIZE = re.compile(r"(\d+)(?:\.\d+)? ?([kmgtp]?)(?:i?b)?", re.IGNORECASE)


def size(text: str, step: int = 1024) -> int:
    """Bytes of `10m`.

    Args:
        text: the size.
        step: how many of a unit make the next one.

    Raises:
        BadParameter: it is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise BadParameter(f"invalid size: '{text}'")
    unit: int = step ** " kmgtp".find(match[2].lower() or " ")
    return int(match[1]) * unit


def integer(text: str) -> int:
    """An integer.

    Raises:
        BadParameter: it is none.
    """
    if not re.fullmatch(r"[+-]?\d+", text):
        raise BadParameter(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def is_boolean(text: str) -> bool:
    """Whether it is a boolean."""
    return text in _TRUE | _FALSE


def boolean(text: str) -> bool:
    """A boolean.

    Raises:
        BadParameter: it is none.
    """
    if not is_boolean(text):
        raise BadParameter(f'strconv.ParseBool: parsing "{text}": invalid syntax')
    return text in _TRUE
