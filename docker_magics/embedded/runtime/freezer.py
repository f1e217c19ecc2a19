"""The freezer of control groups: suspends all processes of a group, which cannot resume themselves.

source: Linux, Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst and cgroup-v2.rst;
opencontainers/runc, libcontainer/cgroups/fs/freezer.go and fs2/freezer.go.
"""

from __future__ import annotations

import contextlib
import errno
import time
from pathlib import Path

#: How long a group may take to freeze, and the pause between attempts.
_TIMEOUT_S, _PAUSE_S = 2.0, 0.002


class Freezer:
    """The freezer of one group.

    Args:
        folder: the group's.
        is_v1: whether it is of version 1.
    """

    def __init__(self, folder: Path, *, is_v1: bool) -> None:
        self._is_v1 = is_v1
        self._control = folder / ("freezer.state" if is_v1 else "cgroup.freeze")
        self._events = folder / "cgroup.events"

    @property
    def exists(self) -> bool:
        """Whether the group can be frozen."""
        return self._control.exists()

    def freeze(self) -> None:
        """Suspend the processes of the group, and wait until none runs.

        Raises:
            OSError: a process does not freeze in time, or the group is gone; nothing is frozen.
        """
        try:
            self._freeze()
        except OSError:
            with contextlib.suppress(OSError):
                self.thaw()
            raise

    def _freeze(self) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < deadline:
            # written again each time: version 1 then freezes what was forked meanwhile
            self._control.write_text("FROZEN" if self._is_v1 else "1")
            if self._is_complete():
                return
            time.sleep(_PAUSE_S)
        raise OSError(errno.EBUSY, "unable to freeze")

    def thaw(self) -> None:
        """Let the processes of the group continue.

        Raises:
            OSError: the group is gone.
        """
        self._control.write_text("THAWED" if self._is_v1 else "0")

    def is_frozen(self) -> bool:
        """Whether the group is frozen, or is about to be.

        Raises:
            OSError: the group is gone.
        """
        return self._control.read_text().strip() not in {"THAWED", "0"}

    def _is_complete(self) -> bool:
        if self._is_v1:
            return self._control.read_text().strip() == "FROZEN"
        return "frozen 1" in self._events.read_text().splitlines()
