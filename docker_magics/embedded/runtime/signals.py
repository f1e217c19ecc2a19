"""Parses signals, which the API takes by name or number.

source: moby/sys signal.ParseSignal.
"""

from __future__ import annotations

import re
import signal

from ..errors import BadParameter

_REAL_TIME = {"RTMIN": signal.SIGRTMIN, "RTMAX": signal.SIGRTMAX}
#: The numbers that dockerd accepts; the C library reserves 32 and 33.
VALID = set(range(1, signal.NSIG)) - {32, 33}


def parse(text: str) -> int:
    """Return the number of `TERM`, `SIGTERM`, `15` or `RTMIN+3`. Numbers are not checked.

    Raises:
        BadParameter: the name is unknown.
    """
    if re.fullmatch(r"[+-]?\d+", text) and int(text):
        return int(text)
    name = text.upper().removeprefix("SIG")
    base, plus, offset = name.partition("+")
    if base in _REAL_TIME and (not plus or offset.isdigit()):
        return int(_REAL_TIME[base]) + int(offset or 0)
    try:
        return int(signal.Signals[f"SIG{name}"])
    except KeyError:
        raise BadParameter(f"invalid signal: {text}") from None
