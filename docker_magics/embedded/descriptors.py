"""File descriptors: their limit, and the errors of a shortage.

source: getrlimit(2), accept(2); Go's os/rlimit.go and syscall/rlimit.go.
"""

from __future__ import annotations

import errno
import resource

#: Read when this module is loaded, before the engine raises it.
_SOFT, _HARD = resource.getrlimit(resource.RLIMIT_NOFILE)

#: Descriptors or memory are short: the call works again later.
SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def raise_limit() -> None:
    """Allow the engine as many descriptors as the hard limit does."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_HARD, _HARD))


def restore_limit() -> None:
    """Undo `raise_limit` in a forked process, for the programs of containers."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_SOFT, _HARD))


def limit() -> int:
    """Return how many descriptors this process may have."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
