"""The memory that C takes, where its library is glibc: small, as a machine may hold a whole class.

source: mallopt(3), malloc_trim(3).
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8
_libc = ctypes.CDLL(None)


def share() -> None:
    """Have one heap: a thread a connection would have each its own, which is never given back."""
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what large work has left free."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
