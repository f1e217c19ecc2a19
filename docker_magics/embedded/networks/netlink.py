"""Netlink by pyroute2's IPRoute, without the rest of pyroute2.

The package's `__init__` imports all of its modules, which costs memory and time; it is not
executed here.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyroute2 import IPRoute


def connection() -> IPRoute:
    """Return a netlink connection in this thread's network namespace."""
    if "pyroute2" not in sys.modules:
        spec = importlib.util.find_spec("pyroute2")
        assert spec is not None
        sys.modules["pyroute2"] = importlib.util.module_from_spec(spec)  # not executed
    from pyroute2.iproute.linux import IPRoute

    return IPRoute()
