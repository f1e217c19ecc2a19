"""pyroute2's IPRoute without the rest of pyroute2.

The package imports everything that it has, which costs more memory and time than what is needed
here. So its own `__init__` is left out.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyroute2 import IPRoute


def connection() -> IPRoute:
    """Netlink in the network that this thread is in."""
    if "pyroute2" not in sys.modules:
        spec = importlib.util.find_spec("pyroute2")
        assert spec is not None
        sys.modules["pyroute2"] = importlib.util.module_from_spec(spec)  # and not executed
    from pyroute2.iproute.linux import IPRoute

    return IPRoute()
