"""Limits on glibc's heap: one machine may run an engine for each learner of a class.

source: mallopt(3), malloc_trim(3).
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8
_libc = ctypes.CDLL(None)


def limit_arenas() -> None:
    """Use one arena: one for each connection's thread would keep its memory forever."""
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(_M_ARENA_MAX, 1)


def trim() -> None:
    """Return free memory to the kernel after large work."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
