"""Signals by name or number, as the API takes them.

source: moby/sys signal.ParseSignal.
"""

from __future__ import annotations

import re
import signal

from ..errors import BadParameter

_REAL_TIME = {"RTMIN": signal.SIGRTMIN, "RTMAX": signal.SIGRTMAX}


#: What a daemon on Linux knows: the C library keeps two for itself.
VALID = set(range(1, signal.NSIG)) - {32, 33}


def parse(text: str) -> int:
    """The number of `TERM`, `SIGTERM`, `15` or `RTMIN+3`; a number need not be a signal's.

    Raises:
        BadParameter: there is no such signal.
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
        raise BadParameter(f"Invalid signal: {text}") from None
